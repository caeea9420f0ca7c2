/** For what somebody is trusted: to be who the certificate says, to mirror, to give names, to relay. */
export const TRUST_DOMAINS = ['identify', 'mirror', 'name', 'relay'] as const

export type TrustDomain = (typeof TRUST_DOMAINS)[number]

/** 0 takes trust back; 3 lets the other's services in by certificate alone. */
export type TrustLevel = 0 | 1 | 2 | 3

/** The longest time from issue to expiry, in ms: 5 years. Whoever is still trusted then is worth a phone call. */
export const MAX_TRUST_LIFETIME = 5 * 366 * 24 * 60 * 60 * 1000
