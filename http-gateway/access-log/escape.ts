// Anything that could end the quoted text, or the line, or change what a terminal shows.
const UNSAFE = /["\\]|[^ -~]/
const ALL_UNSAFE = /["\\]|[^ -~]/g

const NAMED: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v'
}

/**
 * Text from a request as it may stand between quotation marks in a line of the log: a client cannot forge one, whatever it sends. The rules
 * are those of Apache’s mod_log_config, so that its readers undo them; each character of a field is one byte of it.
 */
export function escapeText(text: string): string {
  return UNSAFE.test(text) ? text.replaceAll(ALL_UNSAFE, escapeCharacter) : text
}

function escapeCharacter(character: string): string {
  return (
    NAMED[character] ??
    Array.from(
      Buffer.from(character, character > '\u00ff' ? 'utf8' : 'latin1'),
      byte => `\\x${byte.toString(16).padStart(2, '0')}`
    ).join('')
  )
}
