/*
 * net/tls_words: what the log says of a failed handshake. That OpenSSL reports
 * these errors for what clients do is tested from outside (test_log.py).
 */
#include "config.h"

#include "check.h"

#include "base/log.h"
#include "net/tls_words.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

static unsigned long ssl_error(int reason)
{
	return ERR_PACK(ERR_LIB_SSL, 0, reason);
}

static void a_known_error_is_explained(void **state)
{
	static const struct {
		int reason;
		const char *says;
	} rows[] = {
	    {SSL_R_UNSUPPORTED_PROTOCOL, "older than 1.2"},
	    {SSL_R_VERSION_TOO_LOW, "older than 1.2"},
	    {SSL_R_NO_SHARED_CIPHER, "no cipher"},
	    {SSL_R_NO_SUITABLE_KEY_SHARE, "no key exchange"},
	    {SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, "no signature"},
	    {SSL_R_HTTP_REQUEST, "plain HTTP"},
	    {SSL_R_WRONG_VERSION_NUMBER, "not TLS"},
	    {SSL_R_TLSV1_ALERT_UNKNOWN_CA, "pinned"},
	    {SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, "pinned"},
	    {SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, "pinned"},
	    {SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, "expired"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_row(strstr(tls_words(ssl_error(rows[i].reason)), rows[i].says), rows[i].says);
}

static void another_keeps_the_words_of_openssl(void **state)
{
	(void)state;
	check_str(str_of(tls_words(ssl_error(SSL_R_BAD_EXTENSION))), "bad extension");
	check_str(
	    str_of(tls_words(ERR_PACK(ERR_LIB_EVP, 0, SSL_R_UNSUPPORTED_PROTOCOL))), "TLS failed");
	check_str(str_of(tls_words(ssl_error(4000))), "TLS failed");
	check_str(str_of(tls_words(0)), "connection lost");
}

static void plain_text_is_told_apart(void **state)
{
	(void)state;
	check_str(str_of(tls_words_plain(STR("GET / HTTP/1.1\r\n"))), "plain HTTP on a TLS port");
	check_str(str_of(tls_words_plain(STR("gemini://example.org/\r\n"))),
	    "a Gemini request without TLS");
	check_str(str_of(tls_words_plain(STR("\r\n\r\n\0\r\nQUIT\n!"))),
	    "a PROXY protocol header, which is not expected here");
	check_str(str_of(tls_words_plain(STR("GE"))), "not TLS");
	check_str(str_of(tls_words_plain(STR("\0\0\0"))), "not TLS");
	check_str(str_of(tls_words_plain((struct str){0})), "not TLS");
}

/* The access log takes them as they are. */
static void no_words_need_escaping(void **state)
{
	(void)state;
	for (int reason = 1; reason < 1200; reason++) {
		struct str words = str_of(tls_words(ssl_error(reason)));
		struct buf escaped = {0};

		log_escape(&escaped, words);
		check_same(buf_str(&escaped), words);
		buf_free(&escaped);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_known_error_is_explained),
	    cmocka_unit_test(another_keeps_the_words_of_openssl),
	    cmocka_unit_test(plain_text_is_told_apart),
	    cmocka_unit_test(no_words_need_escaping),
	};

	OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
