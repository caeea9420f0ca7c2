import type { CID } from 'multiformats/cid'
import type { FullAddress } from '../../identity/index.ts'
import type { PushAnswer } from '../../overlay/mirrors/index.ts'

/** Takes what a publisher pushes to a mirror of its site. */
export interface PushReceiver {
  /**
   * A publisher has a newer version, by its signed record.
   *
   * @throws {NotMirroredError | InvalidSiteRecordError | MirrorQuotaError | PushRefusedError}
   */
  begin(address: FullAddress, record: Uint8Array): Promise<PushAnswer>
  /** @throws {NotMirroredError | PushRefusedError | MirrorQuotaError | MirrorDiskError} */
  take(
    address: FullAddress,
    blocks: AsyncIterable<{ readonly cid: CID; readonly bytes: Uint8Array }>
  ): Promise<PushAnswer>
}
