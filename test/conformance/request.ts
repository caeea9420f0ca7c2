/** `fields` are whole lines; the Host is the gateway's own. */
export function get(target: string, ...fields: string[]): string {
  return request('GET', target, fields)
}

export function head(target: string, ...fields: string[]): string {
  return request('HEAD', target, fields)
}

/** To the handler that sends back what it gets. */
export function post(content: string, ...fields: string[]): string {
  return request('POST', '/echo', fields) + content
}

export function request(method: string, target: string, fields: readonly string[]): string {
  return lines(`${method} ${target} HTTP/1.1`, 'Host: localhost', ...fields)
}

/** A request of these lines, ended by an empty one. */
export function lines(...all: string[]): string {
  return `${all.join('\r\n')}\r\n\r\n`
}
