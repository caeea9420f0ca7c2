/** The same rows, against a node whose ports two workers share. */
import '../two-processes.ts'
import '../framing.test.ts'
