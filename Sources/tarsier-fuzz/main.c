// libFuzzer's entry points for the subjects of the target Fuzzing. Which one: the variable SUBJECT.
//
// Built with -sanitize=fuzzer, libFuzzer brings its own main; without it the one here tries each file that is named,
// once. Either way --names lists the subjects, and --seeds FOLDER writes what to begin with.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int tarsier_fuzz_choose(const char *name);
void tarsier_fuzz_one(const uint8_t *data, intptr_t count);
int tarsier_fuzz_seeds(const char *folder);
void tarsier_fuzz_names(void);

static void choose(void) {
    const char *name = getenv("SUBJECT");
    if (name == NULL || tarsier_fuzz_choose(name) != 0) {
        fprintf(
            stderr, "tarsier-fuzz: no subject '%s'; set SUBJECT to one of: tarsier-fuzz --names\n", name ? name : ""
        );
        exit(64);
    }
}

// Ends the program when it was asked for nothing but a list.
static void answer(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--names") == 0) {
        tarsier_fuzz_names();
        exit(0);
    }
    if (argc == 3 && strcmp(argv[1], "--seeds") == 0) {
        exit(tarsier_fuzz_seeds(argv[2]) == 0 ? 0 : 74);
    }
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    answer(*argc, *argv);
    choose();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t count) {
    tarsier_fuzz_one(data, (intptr_t)count);
    return 0;
}

static int try_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "tarsier-fuzz: %s cannot be read\n", path);
        return 66;
    }
    enum { LIMIT = 1 << 24 };
    uint8_t *bytes = malloc(LIMIT);
    size_t count = bytes == NULL ? 0 : fread(bytes, 1, LIMIT, file);
    fclose(file);
    tarsier_fuzz_one(bytes, (intptr_t)count);
    free(bytes);
    printf("%s: survived\n", path);
    return 0;
}

__attribute__((weak)) int main(int argc, char **argv) {
    answer(argc, argv);
    choose();
    for (int i = 1; i < argc; i++) {
        int status = try_file(argv[i]);
        if (status != 0) {
            return status;
        }
    }
    return 0;
}
