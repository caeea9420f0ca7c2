const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Mirrors of one site: a client is told of a few of them, and each is checked and audited as long as it is listed. */
export const MAX_AGREEMENTS = 256

/** Those in one /24 or /48 go down together, and are cheap for one person to have. */
export const MAX_IN_NETWORK = 4

/** Mirrors that nobody vouches for, all together: identities cost nothing. */
export const MAX_STRANGERS = 64

/** Offers that have not been checked; each costs requests, to whoever it names. */
export const MAX_UNCHECKED = 16

/** Places of one mirror: one for each of its addresses and schemes. */
export const MAX_URIS = 4

/** In characters: an IP address or a name, a port, a full address, and a prefix. */
export const MAX_URI_LENGTH = 512

/** What is promised for a shorter time is not worth a check, in ms; what is promised for longer is asked for again. */
export const MIN_TTL = MINUTE
export const MAX_TTL = 30 * DAY

/** How long a mirror that was dropped is refused, in ms; longer where it has lied. */
export const DROPPED_FOR = HOUR
export const LIAR_DROPPED_FOR = 30 * DAY

/** How many of those are remembered: whoever comes with new names is a stranger again, of whom there are few. */
export const MAX_DROPPED = 256

/** An offer that could not be checked by then was none, in ms. */
export const CHECK_TIMEOUT = 2 * MINUTE

/** How often what is listed is compared with the tree at least, in ms. */
export const CHECK_INTERVAL = HOUR

/** How soon after a failure, or a new version, a mirror that the owner has named is looked at again, in ms. */
export const RECHECK_INTERVAL = MINUTE

/** Of mirrors that a client is told of: enough to be fast, and few enough for any client's header fields. */
export const MAX_TOLD = 8

/** How often anybody can make this node ask a mirror what it says of itself, in ms. */
export const PROOF_INTERVAL = 5 * SECOND
