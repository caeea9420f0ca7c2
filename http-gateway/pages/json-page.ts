import { titleOf, wholeWay, type Problem } from './problem.ts'

// Bodies above 512 bytes are shown by browsers that replace shorter ones with pages of their own.
const ABOUT =
  'This answer comes from a Plexnet node, a web server that finds other nodes by their UUID without the DNS, fetches their sites over ' +
  'connections whose certificates it checks against the signed record of the node, and never passes on a document of which it cannot ' +
  'say where it comes from. "steps" tells what was tried on the way to the document, in order, and which step failed; "advice" tells what ' +
  'can be done. Ask with "Accept: text/html" for the same as a page for people.'

/** The problem as `application/problem+json`, over 512 bytes long. */
export function jsonPage(problem: Problem): string {
  const { status, code, detail, advice, steps, failedStep, alternatives, elsewhere } = problem

  return `${JSON.stringify(
    {
      type: 'about:blank',
      title: titleOf(status),
      status,
      code,
      detail,
      ...(failedStep === undefined ? {} : { failedStep }),
      ...(steps === undefined ? {} : { steps: wholeWay(steps) }),
      ...(alternatives === undefined ? {} : { alternatives }),
      ...(elsewhere === undefined ? {} : { elsewhere }),
      advice,
      about: ABOUT
    },
    undefined,
    2
  )}\n`
}
