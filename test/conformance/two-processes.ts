/** Imported before the rows, lets them run against two workers. */
import { serveWith } from './processes.ts'

serveWith(2)
