export { borrowEmbeddedDatabase } from './borrow-database.ts';
export {
  type DatabaseLog,
  type EmbeddedDatabase,
  type EmbeddedDatabaseOptions,
  startEmbeddedDatabase,
} from './embedded-database.ts';
