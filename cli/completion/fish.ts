import type { OptionWord, Shape } from './tree.ts'

export function fishScript(shapes: readonly Shape[]): string {
  return [
    '# fish completion for plexnet',
    'complete -c plexnet -f',
    ...shapes.flatMap(linesOf),
    ''
  ].join('\n')
}

function linesOf({ path, subcommands, options, takesFile }: Shape): string[] {
  const place = path.split(' ').slice(1)
  const condition = conditionOf(
    place,
    subcommands.map(({ word }) => word)
  )
  const start = `complete -c plexnet -n ${quote(condition)}`

  return [
    ...subcommands.map(({ word, description }) => `${start} -a ${word} -d ${quote(description)}`),
    ...options.map(option => `${start} ${optionFlags(option)} -d ${quote(option.description)}`),
    ...(takesFile ? [`${start} -F`] : [])
  ]
}

/** Inside the command and not yet inside one of its own. */
function conditionOf(place: readonly string[], subcommands: readonly string[]): string {
  const seen = place.map(word => `__fish_seen_subcommand_from ${word}`)
  const unseen =
    subcommands.length === 0 ? [] : [`not __fish_seen_subcommand_from ${subcommands.join(' ')}`]

  return [...seen, ...unseen].join('; and ')
}

function optionFlags({ word, value }: OptionWord): string {
  const name = word.startsWith('--') ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`

  return { none: name, file: `${name} -r -F`, text: `${name} -x` }[value]
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
