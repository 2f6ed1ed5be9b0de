/** PostgreSQL could not be started: no binary for this platform, no permission, or it ended by itself. */
export class PostgresFailed extends Error {
  override readonly name = "PostgresFailed";
  readonly code = "POSTGRES_FAILED";
}
