/** Models that live in other servers. */
export {}
