"""One commit for all documents of a story, or none of them: `backend.db.transaction`."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, OperationFailure
from pymongo.read_concern import ReadConcern

from backend.db import transaction
from backend.errors import Conflict
from tests.database.conftest import Documents

Client = MongoClient[dict[str, Any]]


@pytest.fixture
def pair(database: Database[dict[str, Any]], collection: Documents) -> tuple[Documents, Documents]:
    """Give two collections of the database that `backend.db` is connected to."""
    assert collection.database.name == database.name
    return collection, database["audit"]


def test_a_commit_shows_all_documents_together(collection: Documents, mongo: Client) -> None:
    with mongo.start_session() as session, session.start_transaction():
        collection.insert_one({"_id": "diary"}, session=session)
        collection.insert_one({"_id": "alert"}, session=session)
        assert collection.count_documents({}) == 0
        assert collection.count_documents({}, session=session) == 2
    assert collection.count_documents({}) == 2


def test_an_exception_leaves_nothing_behind(pair: tuple[Documents, Documents]) -> None:
    first, second = pair

    def work(session: ClientSession) -> None:
        session.client[first.database.name][first.name].insert_one({"_id": 1}, session=session)
        session.client[second.database.name][second.name].insert_one({"_id": 1}, session=session)
        raise Conflict

    with pytest.raises(Conflict):
        transaction(work)
    assert first.count_documents({}) == second.count_documents({}) == 0


def test_a_duplicate_key_undoes_the_whole_transaction(pair: tuple[Documents, Documents]) -> None:
    first, second = pair
    second.insert_one({"_id": "taken"})

    def work(session: ClientSession) -> None:
        database = session.client[first.database.name]
        database[first.name].insert_one({"_id": 1}, session=session)
        database[second.name].insert_one({"_id": "taken"}, session=session)

    with pytest.raises(DuplicateKeyError):
        transaction(work)
    assert first.count_documents({}) == 0


def test_the_second_writer_of_a_document_gets_a_conflict_that_may_be_tried_again(
    collection: Documents, mongo: Client
) -> None:
    collection.insert_one({"_id": 1, "n": 0})
    with mongo.start_session() as one, mongo.start_session() as two:
        one.start_transaction()
        two.start_transaction()
        collection.update_one({"_id": 1}, {"$inc": {"n": 1}}, session=one)
        with pytest.raises(OperationFailure) as conflict:
            collection.update_one({"_id": 1}, {"$inc": {"n": 1}}, session=two)
        assert conflict.value.has_error_label("TransientTransactionError")
        two.abort_transaction()
        one.commit_transaction()
    assert collection.find_one({"_id": 1}) == {"_id": 1, "n": 1}


def test_a_transaction_reads_the_state_of_its_start(collection: Documents, mongo: Client) -> None:
    collection.insert_one({"_id": 1, "n": 0})
    with mongo.start_session() as session:
        with session.start_transaction(read_concern=ReadConcern("snapshot")):
            assert collection.find_one({"_id": 1}, session=session) == {"_id": 1, "n": 0}
            collection.update_one({"_id": 1}, {"$set": {"n": 5}})
            collection.insert_one({"_id": 2})
            assert collection.find_one({"_id": 1}, session=session) == {"_id": 1, "n": 0}
            assert collection.find_one({"_id": 2}, session=session) is None
        assert collection.find_one({"_id": 1}, session=session) == {"_id": 1, "n": 5}


def test_no_story_of_eight_writers_is_lost(pair: tuple[Documents, Documents]) -> None:
    # The shape of `record_diary`: an upserted lock per subject, a read, a decision, a write.
    locks, stories = pair

    def tell(writer: int) -> None:
        def work(session: ClientSession) -> None:
            database = session.client[locks.database.name]
            database[locks.name].update_one(
                {"_id": "S1"}, {"$inc": {"stories": 1}}, upsert=True, session=session
            )
            told = database[stories.name].count_documents({"subject": "S1"}, session=session)
            database[stories.name].insert_one(
                {"_id": writer, "subject": "S1", "position": told}, session=session
            )

        transaction(work)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(tell, range(24)))
    assert locks.find_one({"_id": "S1"}) == {"_id": "S1", "stories": 24}
    # Each saw all stories before it: no two decided on the same state.
    assert sorted(row["position"] for row in stories.find({"subject": "S1"})) == list(range(24))


def test_a_reader_never_sees_half_a_story(pair: tuple[Documents, Documents]) -> None:
    diaries, audit = pair
    client = diaries.database.client
    alerts = client[diaries.database.name][audit.name]
    done = threading.Event()

    def write() -> None:
        try:
            for number in range(40):

                def work(session: ClientSession, number: int = number) -> None:
                    database = session.client[diaries.database.name]
                    database[diaries.name].insert_one({"_id": number}, session=session)
                    database[alerts.name].insert_one({"_id": number}, session=session)

                transaction(work)
        finally:
            done.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    while not done.is_set():
        with client.start_session() as session, session.start_transaction():
            count = diaries.count_documents({}, session=session)
            assert alerts.count_documents({}, session=session) == count
            seen.add(count)
    writer.join()
    assert diaries.count_documents({}) == alerts.count_documents({}) == 40
    assert seen
