export { HandlerError, HandlerFolderError, HandlerPathError, PluginError } from './errors.ts'
export { importPlugin } from './plugins/service.ts'
