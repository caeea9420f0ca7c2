import { numberOf, type Parameter, type Values } from '../../scenario.ts'

/** What messages weigh; js-libp2p sends a contact as its key and addresses. */
export const MESSAGE_PARAMETERS = {
  'message.header': {
    description: 'bytes of a message beside its contacts, framing and encryption included',
    unit: 'size',
    default: '90B'
  },
  'message.contact': {
    description: 'bytes of a contact in an answer',
    unit: 'size',
    default: '80B'
  }
} as const satisfies Record<string, Parameter>

/** The bytes of all messages so far. */
export function messageBytes(
  values: Values,
  { requests, answers, contacts }: { requests: number; answers: number; contacts: number }
): number {
  return (
    (requests + answers) * numberOf(values, 'message.header') +
    contacts * numberOf(values, 'message.contact')
  )
}
