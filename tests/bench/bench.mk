# Builds the benchmark's programs into $(BUILD). tests/bench/run calls this; by hand:
#     make -f tests/bench/bench.mk BUILD=/tmp/bench
#
# The bare servers use OpenSSL, as digestd does. The clients use BoringSSL where Debian's
# android-libboringssl-dev is installed, because its handshake costs a client a third of the time,
# else OpenSSL. CLIENT_TLS_CFLAGS and CLIENT_TLS_LIBS on the command line choose another library.
SRC := $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))
BUILD ?= .
BENCH_CFLAGS = -std=c17 -D_GNU_SOURCE -O2 -Wall -Wextra -Wshadow -Wconversion
OPENSSL_LIBS ?= -lssl -lcrypto

ifneq ($(wildcard /usr/include/android/openssl/ssl.h),)
BORING := $(shell dpkg-query -L android-libboringssl 2>/dev/null |\
	sed -n "s,/libssl\.so.*,,p" | head -n 1)
endif
ifneq ($(BORING),)
CLIENT_TLS_CFLAGS ?= -isystem /usr/include/android
CLIENT_TLS_LIBS ?= -L$(BORING) -Wl,-rpath,$(BORING) -lssl -lcrypto
else
CLIENT_TLS_CFLAGS ?= $(OPENSSL_CFLAGS)
CLIENT_TLS_LIBS ?= $(OPENSSL_LIBS)
endif

all: $(BUILD)/load $(BUILD)/hold $(BUILD)/bare_gopher $(BUILD)/bare_gemini

$(BUILD)/load $(BUILD)/hold: $(BUILD)/%: $(SRC)/%.c $(SRC)/client.c $(SRC)/client.h
	$(CC) $(BENCH_CFLAGS) $(CLIENT_TLS_CFLAGS) -o $@ $(filter %.c,$^) $(CLIENT_TLS_LIBS) -ldl -pthread

$(BUILD)/bare_gopher: $(SRC)/bare_gopher.c $(SRC)/bare.c $(SRC)/bare.h
	$(CC) $(BENCH_CFLAGS) -o $@ $(filter %.c,$^) -pthread

$(BUILD)/bare_gemini: $(SRC)/bare_gemini.c $(SRC)/bare.c $(SRC)/bare.h
	$(CC) $(BENCH_CFLAGS) $(OPENSSL_CFLAGS) -o $@ $(filter %.c,$^) $(OPENSSL_LIBS) -pthread

.PHONY: all
