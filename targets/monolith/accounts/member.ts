import { formatTime } from "../domain/time.ts";
import { allScopes } from "../http/operation.ts";
import { object, optional, required } from "../validation/reader.ts";
import { email, oneOf, set } from "../validation/scalars.ts";

export interface MemberRow {
  id: string;
  email: string;
  role: "owner" | "member";
  scopes: string[];
  created_at: Date;
}

/** Body of inviteMember. Owners have every scope, members must name theirs. */
export const newMember = object(
  {
    email: required(email),
    role: required(oneOf(["owner", "member"])),
    scopes: optional(set(allScopes, 1, allScopes.length)),
  },
  (sent, pointer, issues) => {
    const given = Object.hasOwn(sent, "scopes");
    if (sent.role === "member" && !given) issues.add(`${pointer}/scopes`, "is required for a member");
    if (sent.role === "owner" && given) issues.add(`${pointer}/scopes`, "is for members; an owner has all");
  },
);

/** Member as the API says it. */
export const memberBody = (row: MemberRow) => ({
  id: row.id,
  email: row.email,
  role: row.role,
  scopes: [...row.scopes].sort(),
  createdAt: formatTime(row.created_at),
});
