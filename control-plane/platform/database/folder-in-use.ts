/** Thrown when another live process holds the folder of the database. */
export class DatabaseFolderInUse extends Error {
  override readonly name = "DatabaseFolderInUse";
  readonly code = "database-folder-in-use";

  constructor(path: string, pid: number) {
    super(
      `database-folder-in-use: process ${pid} holds ${path}. Stop that control plane first, give this one another ` +
        "folder in IONET_DATA, or set DATABASE_URL to a PostgreSQL server, which several control planes can share.",
    );
  }
}
