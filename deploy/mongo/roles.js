// Who may do what in the database; applied by init.js on every start, so that a release can change it.
//
// - `pro_ae` is web's and the clocks': the role that `flask audit role` prints. It can add to the
//   audit trail and read it, and cannot change it. process_role.json is what it printed:
//   flask audit role > deploy/mongo/process_role.json
// - `pro_ae_operator` is for `migrate`, backup and restore, which drop and rewrite collections. No
//   process that answers requests knows its password.
const { readFileSync: read } = require("fs");
const { join: under } = require("path");

const DATABASE = "pro_ae";
const PROCESS = JSON.parse(read(under(__dirname, "process_role.json"), "utf8"));

globalThis.applyRoles = function (admin, passwords) {
    const named = (command, name, rest) => admin.runCommand({ [command]: name, ...rest });
    const { createRole: role, privileges } = PROCESS;
    const isThere = admin.getRole(role) !== null;
    named(isThere ? "updateRole" : "createRole", role, { privileges, roles: [] });
    const users = {
        pro_ae: [{ role, db: "admin" }],
        pro_ae_operator: [{ role: "readWrite", db: DATABASE }],
    };
    for (const [name, roles] of Object.entries(users)) {
        const known = admin.getUser(name) !== null;
        named(known ? "updateUser" : "createUser", name, { pwd: passwords[name], roles });
    }
};
