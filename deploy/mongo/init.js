// `mongosh --nodb init.js`: the replica set and its users, made once; safe to run again.
const { readFileSync } = require("fs");
const { join } = require("path");

const NODES = ["mongo1:27017", "mongo2:27017", "mongo3:27017"];
const TLS = "tls=true&tlsCAFile=/run/secrets/mongo_ca";
const PATIENCE_MS = 120000;
const ALREADY_INITIALISED = 23;
const UNAUTHORISED = 13;

const secret = (name) => readFileSync(`/run/secrets/${name}`, "utf8").trim();

function patiently(what, ask) {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
        try {
            if (ask()) return;
        } catch (error) {
            if (Date.now() > end) throw error;
        }
        if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
        sleep(500);
    }
}

// True where the command was carried out, false where it had been before, or needs a password now.
function first(connection, command) {
    try {
        connection.getDB("admin").runCommand(command);
        return true;
    } catch (error) {
        if (error.code === ALREADY_INITIALISED || error.code === UNAUTHORISED) return false;
        throw error;
    }
}

// 1. On mongo1's own address, without a password: possible until there is a user.
const members = NODES.map((host, id) => ({ _id: id, host, priority: id === 0 ? 2 : 1 }));
const local = new Mongo(`mongodb://127.0.0.1/?directConnection=true&${TLS}`);
if (first(local, { replSetInitiate: { _id: "pro", members } })) print("replica set made");
const root = { createUser: "root", pwd: secret("mongo_root_password"), roles: ["root"] };
patiently("a primary, or a user that is there already", () => {
    const hello = local.getDB("admin").runCommand({ hello: 1 });
    if (!hello.isWritablePrimary && !hello.primary) return false;
    // Where another node leads, the set is older than this run, and so is its first user.
    if (hello.isWritablePrimary && first(local, root)) print("first user made");
    return true;
});

// 2. By the set, with the password: the two users and the role, as this release wants them.
const password = encodeURIComponent(root.pwd);
const set = new Mongo(
    `mongodb://root:${password}@${NODES.join(",")}/?replicaSet=pro&authSource=admin&${TLS}`,
);
load(join(__dirname, "roles.js"));
applyRoles(set.getDB("admin"), {
    pro_ae: secret("mongo_app_password"),
    pro_ae_operator: secret("mongo_operator_password"),
});
print("roles and users are as this release wants them");
