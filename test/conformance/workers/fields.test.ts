/** The same rows, against a node whose ports two workers share. */
export * from '../fields.test.ts'
