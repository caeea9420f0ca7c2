import { component, type Component } from '../message-signature/component.ts'
import { readInputs } from '../message-signature/signature-input.ts'

/** The application of signatures by which nodes stand by what they serve (RFC 9421 section 2.3). */
export const ANSWER_TAG = 'plexnet-answer'

/** What a signed answer covers of itself and of the request, in this order, as far as it has it. */
export const ANSWER_COMPONENTS: readonly Component[] = [
  component('@method', { ofRequest: true }),
  component('@path', { ofRequest: true }),
  component('@query', { ofRequest: true }),
  component('@status'),
  component('content-digest'),
  component('content-range'),
  component('repr-digest'),
  component('etag'),
  component('plexnet-verified'),
  component('date')
]

/** Without these an answer says nothing that could be held against anybody. */
const NEEDED: readonly Component[] = ANSWER_COMPONENTS.slice(0, 5)

const LABEL = 'plexnet'

/** What readers of ours ask every node with, whatever for: whoever audits asks in no other way (section 5.1). */
export const ACCEPT_SIGNATURE = `${LABEL}=(${NEEDED.map(({ text }) => text).join(' ')});created;alg="ed25519";tag="${ANSWER_TAG}"`

/** The label under which an answer is to be signed, undefined where nobody asks for what is signed here. */
export function labelAsked(field: string): string | undefined {
  if (field === ACCEPT_SIGNATURE) return LABEL

  return readInputs(field).find(
    ({ components, parameters }) =>
      components.every(one => ANSWER_COMPONENTS.some(({ text }) => text === one.text)) &&
      [...parameters].every(([name, value]) => isMet(name, value))
  )?.label
}

/** Whether a signature names all that makes an answer one that can be held against its signer. */
export function coversEnough(components: readonly Component[]): boolean {
  return NEEDED.every(({ text }) => components.some(one => one.text === text))
}

function isMet(name: string, value: unknown): boolean {
  switch (name) {
    case 'created':
      return value === true
    case 'alg':
      return value === 'ed25519'
    case 'tag':
      return value === ANSWER_TAG
    default:
      return false
  }
}
