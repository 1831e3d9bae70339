/*
 * Calls the functions of shared libraries for another process, so that code for another processor can be tested under an
 * emulator: requests on the standard input, replies on the standard output, the libraries' names as arguments.
 *
 * A request is a function's number, a number of buffers, 16 integers, 2 floats; for each buffer its size, which argument it
 * is, and whether it is part of the reply; then the buffers. A reply is what the function returned and those buffers.
 */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes before and after a buffer that must stay as they are. */
#define GUARD 64
#define BUFFERS 8

enum { QUANTISE, MULTIPLY, MULTIPLY_NESTED, LOOP, PACK };

typedef struct {
    int32_t function, buffers;
    int64_t a[16];
    float f[2];
} Request;

typedef struct {
    int64_t size;
    int32_t argument, back;
} Buffer;

static void take(void *to, size_t size) {
    if (size > 0 && fread(to, size, 1, stdin) != 1) {
        exit(feof(stdin) ? 0 : 2);
    }
}

static void *find(int count, char **libraries, const char *name) {
    for (int i = 1; i < count; i++) {
        void *library = dlopen(libraries[i], RTLD_NOW);
        void *function = library ? dlsym(library, name) : 0;
        if (function) {
            return function;
        }
    }
    fprintf(stderr, "%s: %s\n", name, dlerror());
    exit(3);
}

int main(int count, char **libraries) {
    void (*quantise)(const float *, int64_t, int64_t, void *, int64_t) = find(count, libraries, "tilewright_quantise");
    void (*multiply)(int, void *, int64_t, int64_t, void *, int64_t, int64_t, int64_t, void *, int64_t, void *) =
            find(count, libraries, "tilewright_multiply");
    void (*nested)(
            int, int, float, float, void *, void *, int64_t, int64_t, void *, int64_t, int64_t, int64_t, void *, int64_t,
            void *) = find(count, libraries, "tilewright_multiply_nested");
    void (*loop)(
            int, void *, void *, void *, int, int, int, int, int, int, int, int, int, float) =
            find(count, libraries, "tilewright_loop");
    int (*pack)(int, void *, int64_t, int64_t, int64_t, void *) = find(count, libraries, "tilewright_pack");
    for (;;) {
        Request q;
        Buffer buffers[BUFFERS];
        uint8_t *memory[BUFFERS];
        void *p[16] = {0};
        take(&q, sizeof q);
        take(buffers, q.buffers * sizeof *buffers);
        for (int i = 0; i < q.buffers; i++) {
            int64_t whole = (buffers[i].size + 2 * GUARD + 63) / 64 * 64;
            memory[i] = aligned_alloc(64, whole);
            memset(memory[i], 0xA5, whole);
            take(memory[i] + GUARD, buffers[i].size);
            p[buffers[i].argument] = memory[i] + GUARD;
        }
        const int64_t *a = q.a;
        int64_t result = 0;
        switch (q.function) {
            case QUANTISE:
                quantise(p[0], a[1], a[2], p[3], a[4]);
                break;
            case MULTIPLY:
                multiply(a[0], p[1], a[2], a[3], p[4], a[5], a[6], a[7], p[8], a[9], p[10]);
                break;
            case MULTIPLY_NESTED:
                nested(a[0], a[1], q.f[0], q.f[1], p[4], p[5], a[6], a[7], p[8], a[9], a[10], a[11], p[12], a[13], p[14]);
                break;
            case LOOP:
                loop(a[0], p[1], p[2], p[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11], a[12], q.f[0]);
                break;
            case PACK:
                result = pack(a[0], p[1], a[2], a[3], a[4], p[5]);
                break;
        }
        for (int i = 0; i < q.buffers; i++) {
            for (int j = 0; j < GUARD; j++) {
                if (memory[i][j] != 0xA5 || memory[i][GUARD + buffers[i].size + j] != 0xA5) {
                    fprintf(stderr, "function %d wrote beside buffer %d\n", q.function, i);
                    exit(4);
                }
            }
        }
        fwrite(&result, sizeof result, 1, stdout);
        for (int i = 0; i < q.buffers; i++) {
            if (buffers[i].back) {
                fwrite(memory[i] + GUARD, 1, buffers[i].size, stdout);
            }
            free(memory[i]);
        }
        fflush(stdout);
    }
}
