"""How gunicorn serves `wsgi:app`; PORT and WEB_CONCURRENCY are read by gunicorn itself."""

worker_class = "gthread"
workers = 2
# A request waits for the database, not for the processor.
threads = 4
# A diary that was taken in is committed before its worker goes.
graceful_timeout = 30
timeout = 60
# Idle connections cost no thread here; longer than a proxy keeps its own (nginx: 60 s), else a
# request can meet a connection that is just being closed.
keepalive = 65
# Off: it would write a socket outside the project, into the home folder.
control_socket_disable = True
# Each worker connects to the database after the fork (PyMongo is not fork-safe).
preload_app = False
