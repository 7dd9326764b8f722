export type { Restored } from './after-restore.ts';
export { BackupError } from './backup-error.ts';
export type { Manifest } from './manifest.ts';
export { checkArchive } from './read-archive.ts';
export { type RestoreOptions, restoreBackup } from './restore-backup.ts';
export { type BackupOptions, writeBackup } from './write-backup.ts';
