export * from './control/index.ts'
export * from './errors.ts'
export { createGateway } from './service.ts'
export type { Gateway, GatewayOptions } from './service.ts'
