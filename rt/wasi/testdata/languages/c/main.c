// A command for tests: the first argument says what it does. That in Python
// does the same, and that in Go all but files and random.

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static double seconds(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

// check ends the program with what errno says if a call has failed.
static long check(long result, const char *what) {
	if (result < 0) {
		perror(what);
		exit(1);
	}
	return result;
}

// append writes text to the end of a file.
static void append(const char *path, const char *text) {
	int f = check(open(path, O_WRONLY | O_CREAT | O_APPEND, 0666), path);
	check(write(f, text, strlen(text)), path);
	check(fsync(f), path);
	check(close(f), path);
}

static int plain(const struct dirent *e) { return e->d_name[0] != '.'; }

// files makes, reads, changes and removes files in the current directory.
static void files(void) {
	char text[64] = "";
	struct stat st;
	check(mkdir("d", 0777), "mkdir");
	append("d/a", "hello\n");
	append("d/a", "world\n");
	check(stat("d/a", &st), "stat");
	printf("size %lld\n", (long long)st.st_size);

	int f = check(open("d/a", O_RDWR), "open");
	check(lseek(f, 6, SEEK_SET), "lseek");
	check(read(f, text, sizeof text - 1), "read");
	printf("read %s", text);
	check(pwrite(f, "J", 1, 0), "pwrite");
	check(ftruncate(f, 5), "ftruncate");
	struct timespec times[2] = {{1000000000, 0}, {1000000000, 0}};
	check(futimens(f, times), "futimens");
	check(close(f), "close");

	check(rename("d/a", "d/b"), "rename");
	check(link("d/b", "d/c"), "link");
	check(symlink("b", "d/l"), "symlink");
	text[check(readlink("d/l", text, sizeof text - 1), "readlink")] = 0;
	printf("link %s\n", text);
	struct dirent **list;
	int n = check(scandir("d", &list, plain, alphasort), "scandir");
	for (int i = 0; i < n; i++)
		printf("%s%s", list[i]->d_name, i < n - 1 ? " " : "\n");

	check(stat("d/l", &st), "stat");
	printf("size %lld time %lld\n", (long long)st.st_size, (long long)st.st_mtime);
	f = check(open("d/l", O_RDONLY), "open");
	text[check(read(f, text, sizeof text - 1), "read")] = 0;
	check(close(f), "close");
	printf("read %s\n", text);
	check(unlink("d/b"), "unlink");
	check(unlink("d/c"), "unlink");
	check(unlink("d/l"), "unlink");
	check(rmdir("d"), "rmdir");
	puts(stat("d", &st) < 0 ? "gone" : "still there");
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
	} else if (strcmp(what, "random") == 0) {
		unsigned char b[4];
		check(getentropy(b, sizeof b), "getentropy");
		printf("%02x%02x%02x%02x\n", b[0], b[1], b[2], b[3]);
	} else if (strcmp(what, "files") == 0) {
		check(chdir(arg), arg);
		files();
	} else if (strcmp(what, "exit") == 0) {
		exit(atoi(arg));
	} else if (strcmp(what, "fail") == 0) {
		fputs("out of cheese\n", stderr);
		abort();
	}
	return 0;
}
