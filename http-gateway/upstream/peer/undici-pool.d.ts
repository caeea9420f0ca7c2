/** The pool of undici alone: the whole package takes twice the memory. */
declare module 'undici/lib/dispatcher/pool.js' {
  import { Pool } from 'undici'

  export default Pool
}
