// A command for tests: the first argument says what it does. The guest in Go does
// the same.

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double seconds(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
	const char *what = argc > 1 ? argv[1] : "", *arg = argc > 2 ? argv[2] : "";
	if (strcmp(what, "args") == 0) {
		for (int i = 0; i < argc; i++)
			printf("%d %s\n", i, argv[i]);
	} else if (strcmp(what, "var") == 0) {
		const char *v = getenv(arg);
		puts(v ? v : "");
	} else if (strcmp(what, "echo") == 0) {
		char buf[4096];
		for (size_t n; (n = fread(buf, 1, sizeof buf, stdin)) > 0;)
			fwrite(buf, 1, n, stdout);
		if (ferror(stdin)) {
			perror("stdin");
			return 1;
		}
	} else if (strcmp(what, "both") == 0) {
		puts("to stdout");
		fputs("to stderr\n", stderr);
	} else if (strcmp(what, "wall") == 0) {
		printf("%lld\n", (long long)time(NULL));
	} else if (strcmp(what, "sleep") == 0) {
		long n = atol(arg);
		double start = seconds();
		struct timespec d = {n / 1000, n % 1000 * 1000000};
		nanosleep(&d, NULL);
		puts(seconds() - start >= (double)n / 1000 ? "true" : "false");
	} else if (strcmp(what, "exit") == 0) {
		exit(atoi(arg));
	} else if (strcmp(what, "fail") == 0) {
		fputs("out of cheese\n", stderr);
		abort();
	}
	return 0;
}
