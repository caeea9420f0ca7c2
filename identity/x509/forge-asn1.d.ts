/** The ASN.1 part of node-forge alone: the whole package takes seven times as long to load. */
declare module 'node-forge/lib/asn1.js' {
  import { asn1 } from 'node-forge'

  export default asn1
}
