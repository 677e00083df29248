#include "config.h"

#include "net/tls_words.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#define OLD "the client offers only TLS older than 1.2"
#define DISTRUST "the client does not trust our certificate (it may have pinned another one)"
#define NO_CIPHER "the client offers no cipher that we have for our kind of key"
#define NO_GROUP "the client offers no key exchange that we have (X25519, P-256)"
#define NO_SIGNATURE "the client takes no signature that our kind of key can make"
#define REFUSED "the client refuses all TLS versions and ciphers that we have"
#define DAMAGED "bytes were damaged on the way, or the TLS of the client is faulty"
#define FAULTY "the client does not speak TLS as it should"
#define HTTP "plain HTTP on a TLS port"

/* The alerts are those that the client sent. */
static const struct {
	int reason;
	const char *words;
} table[] = {
    {SSL_R_UNSUPPORTED_PROTOCOL, OLD},
    {SSL_R_UNKNOWN_PROTOCOL, OLD},
    {SSL_R_VERSION_TOO_LOW, OLD},
    {SSL_R_NO_SHARED_CIPHER, NO_CIPHER},
    {SSL_R_NO_SHARED_GROUPS, NO_GROUP},
    {SSL_R_NO_SUITABLE_GROUPS, NO_GROUP},
    {SSL_R_NO_SUITABLE_KEY_SHARE, NO_GROUP},
    {SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS, NO_SIGNATURE},
    {SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, NO_SIGNATURE},
    {SSL_R_INAPPROPRIATE_FALLBACK, "the client fell back to an older TLS than both sides have"},
    {SSL_R_HTTP_REQUEST, HTTP},
    {SSL_R_HTTPS_PROXY_REQUEST, HTTP},
    {SSL_R_WRONG_VERSION_NUMBER, "not TLS, although the first byte is right"},
    {SSL_R_UNEXPECTED_MESSAGE, FAULTY},
    {SSL_R_PACKET_LENGTH_TOO_LONG, FAULTY},
    {SSL_R_BAD_LENGTH, FAULTY},
    {SSL_R_LENGTH_MISMATCH, FAULTY},
    {SSL_R_BAD_RECORD_TYPE, FAULTY},
    {SSL_R_UNEXPECTED_EOF_WHILE_READING, "the client left without a goodbye"},
    {SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC, DAMAGED},
    {SSL_R_DIGEST_CHECK_FAILED, DAMAGED},
    {SSL_R_SSLV3_ALERT_BAD_RECORD_MAC, DAMAGED},
    {SSL_R_TLSV1_ALERT_DECRYPT_ERROR, DAMAGED},
    {SSL_R_TLSV1_ALERT_DECODE_ERROR, DAMAGED},
    {SSL_R_TLSV1_ALERT_UNKNOWN_CA, DISTRUST},
    {SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, DISTRUST},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, DISTRUST},
    {SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE, DISTRUST},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, DISTRUST},
    {SSL_R_TLSV1_ALERT_ACCESS_DENIED, DISTRUST},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED,
	"to the client our certificate has expired (has it, or is a clock wrong?)"},
    {SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE, REFUSED},
    {SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, REFUSED},
    {SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY, REFUSED},
    {SSL_R_TLSV1_ALERT_INTERNAL_ERROR, "the client failed for reasons of its own"},
    {SSL_R_TLSV1_ALERT_USER_CANCELLED, "the client broke off"},
};

/* What those begin with who missed the port, or do not know that it is one for TLS. */
static const struct {
	struct str begin;
	const char *words;
} plain[] = {
#define ROW(begin, words)                                                                          \
	{                                                                                          \
		{(begin), sizeof(begin) - 1}, (words)                                              \
	}
    ROW("GET ", HTTP),
    ROW("HEAD ", HTTP),
    ROW("POST ", HTTP),
    ROW("OPTIONS ", HTTP),
    ROW("CONNECT ", HTTP),
    ROW("PRI * HTTP/2", HTTP),
    ROW("gemini:", "a Gemini request without TLS"),
    ROW("PROXY ", "a PROXY protocol header, which is not expected here"),
    ROW("\r\n\r\n\0\r\nQUIT\n", "a PROXY protocol header, which is not expected here"),
#undef ROW
};

const char *tls_words(unsigned long error)
{
	const char *words;

	if (error == 0)
		return "connection lost";
	if (ERR_GET_LIB(error) == ERR_LIB_SSL)
		for (size_t i = 0; i < sizeof table / sizeof *table; i++)
			if (ERR_GET_REASON(error) == table[i].reason)
				return table[i].words;
	words = ERR_reason_error_string(error);
	return words ? words : "TLS failed";
}

const char *tls_words_plain(struct str first)
{
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		if (str_starts(first, plain[i].begin))
			return plain[i].words;
	return "not TLS";
}
