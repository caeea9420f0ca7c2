import type { Shape } from './tree.ts'

/** Works from a directory of fpath and from `source`. */
export function zshScript(shapes: readonly Shape[]): string {
  const options = shapes.flatMap(shape => shape.options)
  const of = (value: string): string =>
    quoted(options.filter(option => option.value === value).map(({ word }) => word)).join('|')

  return `#compdef plexnet
_plexnet() {
  local place=plexnet word files=
  local -a choices
  for word in \${words[2,CURRENT-1]}; do
    case "$place $word" in
      ${quoted(shapes.map(({ path }) => path)).join('|')}) place="$place $word" ;;
    esac
  done
  case "\${words[CURRENT-1]}" in
    ${of('file')}) _files; return ;;
    ${of('text')}) return ;;
  esac
  case "$place" in
${shapes.map(branch).join('\n')}
  esac
  _describe plexnet choices
  [[ -n $files ]] && _files
}
if [[ $funcstack[1] == _plexnet ]]; then _plexnet "$@"; else compdef _plexnet plexnet; fi
`
}

function branch({ path, subcommands, options, takesFile }: Shape): string {
  const choices = quoted(
    [...subcommands, ...options].map(
      ({ word, description }) => `${word}:${description.replaceAll(':', '\\:')}`
    )
  )

  return `    '${path}') choices=(${choices.join(' ')})${takesFile ? ' files=1' : ''} ;;`
}

function quoted(words: readonly string[]): string[] {
  return [...new Set(words)].map(word => `'${word.replaceAll("'", `'\\''`)}'`)
}
