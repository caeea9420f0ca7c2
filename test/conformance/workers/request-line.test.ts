/** The same rows, against a node whose ports two workers share. */
export * from '../request-line.test.ts'
