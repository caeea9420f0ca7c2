import { type FetchedResource, type Problem, readProblem } from '../http-gateway/control/index.ts'

/** An explanation; what is longer is not shown. */
const MAX_PROBLEM_BYTES = 64 * 1024

/** What the answer says about itself, where it does so in the form for programs. */
export async function readAnswerProblem({
  headers,
  body
}: FetchedResource): Promise<Problem | undefined> {
  if (!String(headers['content-type']).startsWith('application/problem+json')) {
    body.destroy()

    return undefined
  }
  const chunks: Buffer[] = []
  let length = 0

  for await (const chunk of body) {
    const bytes = Buffer.from(chunk)
    length += bytes.length

    if (length > MAX_PROBLEM_BYTES) return undefined
    chunks.push(bytes)
  }

  return readProblem(parseJson(Buffer.concat(chunks).toString()))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
