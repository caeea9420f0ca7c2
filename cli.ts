import { main } from './cli/main.ts'

const exitCode = await main(process.argv.slice(2))

process.exitCode = exitCode
