import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { create as createDigest } from 'multiformats/hashes/digest'
import { hash } from 'node:crypto'
import {
  addressFingerprint,
  parseUuid,
  type AddressFingerprint,
  type NodeAddress,
  type NodeUuid
} from '../identity/index.ts'
import { RecordError } from './errors.ts'
import { checkTimes, openNodeRecord } from './node-record.ts'
import type { VerifiedRecord } from './record.ts'

const SHA2_256 = 0x12
const FINGERPRINT = /^[a-z2-7]{26}$/

/** The DHT key of a node's record: `/plexnet/node/<uuid>/<fp>`, fp as in its full address. */
export function nodeRecordKey(uuid: NodeUuid, fp: AddressFingerprint): string {
  return `/plexnet/node/${uuid}/${fp}`
}

/** The content key whose providers claim `uuid`. */
export function claimKey(uuid: NodeUuid): CID {
  const digest = hash('sha256', `plexnet/uuid/${uuid}`, 'buffer')

  return CID.createV1(raw.code, createDigest(SHA2_256, digest))
}

/**
 * The record under a DHT key, if it may stand there at `now`.
 *
 * @throws {RecordError}
 */
export function openRecordAt(key: string, value: Uint8Array, now: number): VerifiedRecord {
  const { uuid, fp } = parseRecordKey(key)
  const record = openNodeRecord(value)

  if (record.uuid !== uuid) {
    throw new RecordError('wrong-uuid', `A record of ${record.uuid} was put under ${uuid}.`)
  }

  if (addressFingerprint(record.keyHash) !== fp) {
    throw new RecordError('wrong-key', `The record under ${key} is signed by another key.`)
  }

  checkTimes(record, now)

  return record
}

/** The index of the record that replaces the others: the highest `seq` among those that are valid. */
export function newestRecord(key: string, values: readonly Uint8Array[], now: number): number {
  let newest = 0
  let highest = -1

  for (const [index, value] of values.entries()) {
    const seq = seqOf(key, value, now)

    if (seq > highest) {
      highest = seq
      newest = index
    }
  }

  return newest
}

/** Whether a record read from anywhere answers the question for `address`. */
export function answers(record: VerifiedRecord, address: NodeAddress): boolean {
  return record.uuid === address.uuid && (address.fp == null || record.address.fp === address.fp)
}

/** The record in `bytes`, if it answers the question for `address` at `now`; rubbish is none. */
export function recordFor(
  bytes: Uint8Array,
  address: NodeAddress,
  now: number
): VerifiedRecord | undefined {
  try {
    const record = openNodeRecord(bytes)

    checkTimes(record, now)

    return answers(record, address) ? record : undefined
  } catch {
    return undefined
  }
}

function parseRecordKey(key: string): { uuid: NodeUuid; fp: string } {
  const [, root, kind, uuid = '', fp = '', ...rest] = key.split('/')

  if (root !== 'plexnet' || kind !== 'node' || rest.length > 0 || !FINGERPRINT.test(fp)) {
    throw new RecordError('malformed', `No kind of record stands under the key ${key}.`)
  }

  try {
    return { uuid: parseUuid(uuid), fp }
  } catch (error) {
    throw new RecordError('malformed', `The key ${key} names no UUID.`, { cause: error })
  }
}

function seqOf(key: string, value: Uint8Array, now: number): number {
  try {
    return openRecordAt(key, value, now).seq
  } catch {
    return -1
  }
}
