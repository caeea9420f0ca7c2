import { CarReader } from '@ipld/car/reader'
import { errorCode, errorMessage, type FullAddress } from '../../../identity/index.ts'
import type { PushAnswer } from '../../../overlay/mirrors/index.ts'
import type { Problem } from '../../pages/problem.ts'
import { badRequest } from '../../pages/request-problems.ts'
import { contentUnknown, pushProblem } from '../problems.ts'
import type { PushReceiver } from '../push-receiver.ts'

const RECORD = 'application/vnd.plexnet.site'
const ARCHIVE = 'application/vnd.ipld.car'

/** What came by PUT: a signed site record, or an archive of blocks. */
export interface Pushed {
  readonly address: FullAddress
  readonly type: string | undefined
  readonly content: Uint8Array
}

/** Takes one part of a push. */
export async function receive(
  receiver: PushReceiver,
  { address, type = '', content }: Pushed
): Promise<PushAnswer | Problem> {
  const [kind = ''] = type.toLowerCase().split(';')

  try {
    switch (kind.trim()) {
      case RECORD:
        return await receiver.begin(address, content)
      case ARCHIVE:
        return await receiver.take(address, (await CarReader.fromBytes(content)).blocks())
      default:
        return contentUnknown(`${RECORD}, ${ARCHIVE}`)
    }
  } catch (error) {
    const code = errorCode(error)

    // What a library finds wrong with an archive.
    return code?.startsWith('PLEXNET_') === true
      ? pushProblem(code, errorMessage(error))
      : badRequest(`This is no archive of blocks: ${errorMessage(error)}`)
  }
}
