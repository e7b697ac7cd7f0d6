/** Which role may do what: the table of `siyu-types/src/permission.rs`, compared by a test. */
import type { Role } from "./types";

export const PERMISSIONS = {
  "project.read": ["owner", "operator", "analyst", "viewer"],
  "project.manage": ["owner"],
  "members.manage": ["owner"],
  "keys.manage": ["owner"],
  "audit.read": ["owner"],
  "data.write": ["owner", "operator", "analyst"],
  "people.read": ["owner", "operator", "analyst", "viewer"],
  "people.read_personal": ["owner", "operator"],
  "identity.manage": ["owner", "operator"],
  "relations.manage": ["owner", "operator"],
  "people.note": ["owner", "operator", "analyst"],
  "people.erase": ["owner"],
  "people.export": ["owner", "operator"],
  "people.reveal": ["owner", "operator", "analyst"],
  "personal.manage": ["owner"],
  "personal.audit": ["owner"],
  "tags.write": ["owner", "operator", "analyst"],
  "segments.write": ["owner", "operator", "analyst"],
  "analyses.run": ["owner", "operator", "analyst", "viewer"],
  "sql.run": ["owner", "operator", "analyst", "viewer"],
  "analyses.write": ["owner", "operator", "analyst"],
  "campaigns.write": ["owner", "operator"],
  "campaigns.send": ["owner", "operator"],
  "receipts.write": ["owner", "operator"],
  "protection.manage": ["owner", "operator"],
  "rights.manage": ["owner", "operator"],
  "rights.export": ["owner"],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof PERMISSIONS;

export function roleMay(role: Role, permission: Permission): boolean {
  return (PERMISSIONS[permission] as readonly Role[]).includes(role);
}
