#include "config.h"

#include "net/ticket.h"
#include "net/secret.h"
#include "base/mem.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#define NAME_SIZE 16

/* One key, as it lies in a file. */
struct key {
	unsigned char name[NAME_SIZE]; /* goes with the ticket in the clear */
	unsigned char hmac[32];
	unsigned char aes[32];
};

_Static_assert(sizeof(struct key) == TICKET_KEY_SIZE, "a key has no gaps");

struct ticket_keys {
	_Atomic unsigned refs;
	size_t n; /* keys in use, at least one */
	struct key keys[TICKET_KEYS_MAX];
};

/* What OpenSSL wants to hear about a ticket (SSL_CTX_set_tlsext_ticket_key_evp_cb(3)). */
enum verdict {
	TICKET_ERROR = -1,
	TICKET_UNKNOWN = 0,
	TICKET_FINE = 1,
	TICKET_RENEW = 2,
};

/* ------------------------------------------------------------ the callback */

static bool start_hmac(EVP_MAC_CTX *mac, struct key *k)
{
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, k->hmac, sizeof k->hmac),
	    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
	    OSSL_PARAM_construct_end(),
	};

	return EVP_MAC_CTX_set_params(mac, params) == 1;
}

static int seal(struct ticket_keys *keys, unsigned char *name, unsigned char *iv,
    EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	struct key *k = &keys->keys[0];

	memcpy(name, k->name, sizeof k->name);
	if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) == 1 &&
	    EVP_EncryptInit_ex2(cipher, EVP_aes_256_cbc(), k->aes, iv, NULL) == 1 &&
	    start_hmac(mac, k))
		return TICKET_FINE;
	return TICKET_ERROR;
}

static struct key *find(struct ticket_keys *keys, const unsigned char *name)
{
	for (size_t i = 0; i < keys->n; i++)
		if (memcmp(keys->keys[i].name, name, NAME_SIZE) == 0)
			return &keys->keys[i];
	return NULL;
}

/* In TLS 1.3 a ticket is good for once (RFC 8446 C.4), so there is always a new one. */
static int unseal(SSL *ssl, struct ticket_keys *keys, const unsigned char *name,
    const unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	struct key *k = find(keys, name);

	if (!k)
		return TICKET_UNKNOWN;
	if (EVP_DecryptInit_ex2(cipher, EVP_aes_256_cbc(), k->aes, iv, NULL) != 1 ||
	    !start_hmac(mac, k))
		return TICKET_ERROR;
	return k == &keys->keys[0] && SSL_version(ssl) < TLS1_3_VERSION ? TICKET_FINE
									: TICKET_RENEW;
}

static int on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
    EVP_MAC_CTX *mac, int sealing)
{
	struct ticket_keys *keys = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	return sealing ? seal(keys, name, iv, cipher, mac)
		       : unseal(ssl, keys, name, iv, cipher, mac);
}

bool ticket_keys_use(struct ssl_ctx_st *context, struct ticket_keys *k)
{
	return SSL_CTX_set_app_data(context, k) == 1 &&
	    SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket) == 1;
}

/* ---------------------------------------------------------------- the keys */

static struct ticket_keys *new_keys(size_t n)
{
	struct ticket_keys *k = mem_zalloc(1, sizeof *k);

	atomic_init(&k->refs, 1);
	k->n = n;
	return k;
}

struct ticket_keys *ticket_keys_random(void)
{
	struct ticket_keys *k = new_keys(1);
	void *first = k->keys;

	if (RAND_priv_bytes(first, TICKET_KEY_SIZE) == 1)
		return k;
	ticket_keys_unref(k);
	return NULL;
}

struct ticket_keys *ticket_keys_ref(struct ticket_keys *k)
{
	if (k)
		atomic_fetch_add_explicit(&k->refs, 1, memory_order_relaxed);
	return k;
}

void ticket_keys_unref(struct ticket_keys *k)
{
	if (!k || atomic_fetch_sub_explicit(&k->refs, 1, memory_order_acq_rel) != 1)
		return;
	OPENSSL_cleanse(k->keys, sizeof k->keys);
	free(k);
}

/* ---------------------------------------------------------------- the file */

/* Straight into the keys: no copy is left elsewhere. */
static struct ticket_keys *read_keys(int fd, size_t size)
{
	struct ticket_keys *k = new_keys(size / TICKET_KEY_SIZE);

	if (read(fd, k->keys, size) == (ssize_t)size)
		return k;
	ticket_keys_unref(k);
	return NULL;
}

static bool is_size(off_t size)
{
	return size > 0 && size % TICKET_KEY_SIZE == 0 && size / TICKET_KEY_SIZE <= TICKET_KEYS_MAX;
}

struct ticket_keys *ticket_keys_read(const char *file, struct buf *why)
{
	struct ticket_keys *k = NULL;
	struct stat st;
	int fd = secret_open(file, "file of ticket keys", &st, why);

	if (fd < 0)
		return NULL;
	if (is_size(st.st_size)) {
		k = read_keys(fd, (size_t)st.st_size);
		if (!k)
			buf_printf(why, "%s: changed while it was read: try again", file);
	} else {
		buf_printf(why,
		    "%s: has %lld bytes, but should have 1 to %d ticket keys of %d bytes: make one "
		    "with openssl rand -out %s %d",
		    file, (long long)st.st_size, TICKET_KEYS_MAX, TICKET_KEY_SIZE, file,
		    TICKET_KEY_SIZE);
	}
	close(fd);
	return k;
}
