export type * from './controlled-node.ts'
export { ControlDirectoryError, InvalidRequestError, NodeRunningError } from './errors.ts'
export { FETCH_HEADER, parseFetchHeader } from './fetch-header.ts'
export { ControlError, type Problem, readProblem, toProblem } from './problem.ts'
export {
  checkControlDirectory,
  type ControlService,
  type ControlServiceOptions,
  startControl
} from './service.ts'
