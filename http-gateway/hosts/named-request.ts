/** A request for a node by a name. */
export interface NamedRequest {
  /** The host without its suffix: `blog.alice`, other scripts in punycode. */
  readonly name: string
  readonly scheme: 'http' | 'https'
  readonly port: string | undefined
  readonly path: string
}
