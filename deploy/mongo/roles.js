// Who may do what in the database; applied by init.js on every start, so that a release can change it.

const DATABASE = "pro_ae";

// What the application does: read and write documents, and make and drop the collections of data
// cuts with their indexes. It can neither manage users nor read another database.
const APPLICATION = [
    {
        resource: { db: DATABASE, collection: "" },
        actions: [
            "find",
            "insert",
            "update",
            "remove",
            "createCollection",
            "createIndex",
            "dropCollection",
            "dropIndex",
            "listCollections",
            "listIndexes",
            "collStats",
            "dbStats",
            "changeStream",
        ],
    },
];

// The audit trail: a role that can only insert and find on it belongs here, as one more entry of
// ROLES with its own user, and `audit` is then taken out of APPLICATION's reach.
const ROLES = { pro_ae_application: APPLICATION };

globalThis.applyRoles = function (admin, password) {
    const named = (command, name, rest) => admin.runCommand({ [command]: name, ...rest });
    for (const [role, privileges] of Object.entries(ROLES)) {
        const known = admin.getRole(role) !== null;
        named(known ? "updateRole" : "createRole", role, { privileges, roles: [] });
    }
    const known = admin.getUser("pro_ae") !== null;
    named(known ? "updateUser" : "createUser", "pro_ae", {
        pwd: password,
        roles: Object.keys(ROLES).map((role) => ({ role, db: "admin" })),
    });
};
