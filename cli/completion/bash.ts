import type { OptionWord, Shape } from './tree.ts'

/** Needs nothing of the bash-completion package. */
export function bashScript(shapes: readonly Shape[]): string {
  const options = shapes.flatMap(shape => shape.options)

  return `# bash completion for plexnet
_plexnet() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} place=plexnet word choices= files=
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$place $word" in
      ${pattern(shapes.map(({ path }) => path))}) place="$place $word" ;;
    esac
  done
  case "$before" in
    ${pattern(wordsWith(options, 'file'))}) files=1 ;;
    ${pattern(wordsWith(options, 'text'))}) return ;;
    *)
      case "$place" in
${shapes.map(branch).join('\n')}
      esac
      ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$current")
  if [[ -n $files ]]; then
    compopt -o filenames 2>/dev/null || :
    mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$current")
  fi
}
complete -F _plexnet plexnet
`
}

function branch({ path, subcommands, options, takesFile }: Shape): string {
  const words = [...subcommands, ...options].map(({ word }) => word).join(' ')

  return `        '${path}') choices='${words}'${takesFile ? ' files=1' : ''} ;;`
}

function wordsWith(options: readonly OptionWord[], value: OptionWord['value']): string[] {
  return [...new Set(options.filter(option => option.value === value).map(({ word }) => word))]
}

function pattern(words: readonly string[]): string {
  return words.map(word => `'${word}'`).join('|')
}
