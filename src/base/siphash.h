/*
 * siphash: SipHash-2-4, a keyed hash of bytes, for tables whose keys a stranger chooses.
 *
 * Who does not know the key cannot find texts that fall into one place of a table. It is
 * no cryptographic digest. Pure; the caller gets a random key and keeps it to itself.
 */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include "base/str.h"

struct siphash_key {
	uint64_t low, high; /* its bytes, little-endian */
};

uint64_t siphash(const struct siphash_key *key, struct str s);

#endif
