import type { CID } from 'multiformats/cid'
import { drawDocument, MAX_DOCUMENTS, type DrawnDocument } from './document.ts'
import { drawVisit, type LoadNode } from './visit.ts'

/** Audits that ask for documents by their paths, as browsers and download programs do. */
const BY_PATH = 1 / 2

/** Whether such a client goes on to another document. */
const GOES_ON = 1 / 2

/** What is asked for in one audit. */
export interface DrawnAudit {
  readonly blocks: readonly CID[]
  readonly documents: readonly DrawnDocument[]
}

/** Half of all audits ask as readers with a node do, half as any other client: a mirror that can tell them apart may lie to either. */
export async function drawAudit(
  root: CID,
  load: LoadNode,
  random: () => number
): Promise<DrawnAudit> {
  const documents = random() < BY_PATH ? await drawDocuments(root, load, random) : []

  return documents.length > 0
    ? { blocks: [], documents }
    : { blocks: await drawVisit(root, load, random), documents }
}

async function drawDocuments(
  root: CID,
  load: LoadNode,
  random: () => number
): Promise<DrawnDocument[]> {
  const documents: DrawnDocument[] = []

  for (let drawn = 1; ; drawn += 1) {
    const document = await drawDocument(root, load, random)

    if (document != null) documents.push(document)
    if (drawn === MAX_DOCUMENTS || random() >= GOES_ON) return documents
  }
}
