#include "config.h"

#include "serve/stamp.h"
#include "base/str.h"
#include "serve/trees.h"

/* MurmurHash3's last step: every bit of x reaches every bit. Sums of what it gives stay apart. */
static uint64_t mix(uint64_t x)
{
	x ^= x >> 33;
	x *= UINT64_C(0xff51afd7ed558ccd);
	x ^= x >> 33;
	x *= UINT64_C(0xc4ceb9fe1a85ec53);
	x ^= x >> 33;
	return x;
}

static uint64_t of_item(const struct trees_item *item)
{
	const struct stat *st = item->st;
	uint64_t facts[11] = {str_hash(str_of(item->path))};

	if (st) {
		facts[1] = (uint64_t)st->st_dev;
		facts[2] = (uint64_t)st->st_ino;
		facts[3] = (uint64_t)st->st_mode;
		facts[4] = (uint64_t)st->st_uid;
		facts[5] = (uint64_t)st->st_gid;
	}
	/* A directory's times say that some name in it changed, perhaps one that is passed over. */
	if (st && !S_ISDIR(st->st_mode)) {
		facts[6] = (uint64_t)st->st_size;
		facts[7] = (uint64_t)st->st_mtim.tv_sec;
		facts[8] = (uint64_t)st->st_mtim.tv_nsec;
		facts[9] = (uint64_t)st->st_ctim.tv_sec;
		facts[10] = (uint64_t)st->st_ctim.tv_nsec;
	}
	return mix(str_hash((struct str){(const char *)facts, sizeof facts}));
}

/* A sum, since directories are listed in no order. */
static void add(void *context, const struct trees_item *item)
{
	uint64_t *sum = context;

	if (item->kind != TREES_FOLDER)
		*sum += of_item(item);
}

bool stamp_of(const char *const paths[], size_t n, uint64_t *stamp)
{
	*stamp = 0;
	return trees_visit(paths, n, add, stamp);
}
