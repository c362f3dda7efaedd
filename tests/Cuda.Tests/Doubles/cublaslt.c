// A double of libcublasLt.so.12: it multiplies, with plain loops, what the descriptors describe. Signatures: cublasLt.h of CUDA 12.4.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct { int compute, scale, transpose_a; } descriptor;
typedef struct { int type; uint64_t rows, columns; int64_t leading; } layout;
typedef struct { uint64_t workspace; uint32_t schemes; } preference;
typedef struct { uint64_t algorithm[8]; size_t workspace; int state; float waves; int reserved[4]; } result;
_Static_assert(sizeof(result) == 96, "cublasLtMatmulHeuristicResult_t");

int double_alive = 0, double_found = 1, double_state = 0;

size_t cublasLtGetVersion(void) { return 120405; }
const char *cublasLtGetStatusName(int code) { return code == 15 ? "CUBLAS_STATUS_NOT_SUPPORTED" : "CUBLAS_STATUS_OTHER"; }

static int make(void **made, size_t length) { *made = calloc(1, length); double_alive++; return 0; }
static int end(void *made) { free(made); double_alive--; return 0; }
int cublasLtCreate(void **made) { return make(made, 1); }
int cublasLtDestroy(void *made) { return end(made); }

int cublasLtMatmulDescCreate(descriptor **made, int compute, int scale) { make((void **)made, sizeof(descriptor)); (*made)->compute = compute; (*made)->scale = scale; return 0; }
int cublasLtMatmulDescDestroy(void *made) { return end(made); }
int cublasLtMatmulDescSetAttribute(descriptor *d, int attribute, const void *value, size_t length) {
  if (attribute != 3 || length != 4) return 7;
  d->transpose_a = *(int *)value;
  return 0;
}

int cublasLtMatrixLayoutCreate(layout **made, int type, uint64_t rows, uint64_t columns, int64_t leading) {
  make((void **)made, sizeof(layout));
  **made = (layout){ type, rows, columns, leading };
  return 0;
}
int cublasLtMatrixLayoutDestroy(void *made) { return end(made); }

int cublasLtMatmulPreferenceCreate(preference **made) { make((void **)made, sizeof(preference)); (*made)->schemes = ~0u; return 0; }
int cublasLtMatmulPreferenceDestroy(void *made) { return end(made); }
int cublasLtMatmulPreferenceSetAttribute(preference *p, int attribute, const void *value, size_t length) {
  if (attribute == 1 && length == 8) p->workspace = *(uint64_t *)value;
  else if (attribute == 3 && length == 4) p->schemes = *(uint32_t *)value;
  else return 7;
  return 0;
}

int cublasLtMatmulAlgoGetHeuristic(void *library, descriptor *d, layout *a, layout *b, layout *c, layout *y, preference *p, int asked, result *results, int *found) {
  *found = double_found;
  if (double_found == 0) return 0;
  *results = (result){ .algorithm = { 42, p->schemes }, .workspace = p->workspace / 2, .state = double_state, .waves = 1 };
  return asked == 1 ? 0 : 7;
}

int cublasLtMatmul(void *library, descriptor *d, const float *alpha, const float *a, layout *la, const float *b, layout *lb, const float *beta, const float *c, layout *lc,
                   float *y, layout *ly, const uint64_t *algorithm, void *workspace, size_t length, void *stream) {
  if (d->compute != 68 || d->scale != 0 || d->transpose_a != 1 || la->type != 0 || algorithm[0] != 42 || algorithm[1] != 0 || !stream) return 7;
  if (la->rows != lb->rows || ly->rows != la->columns || ly->columns != lb->columns) return 7;
  for (uint64_t j = 0; j < ly->columns; j++)
    for (uint64_t i = 0; i < ly->rows; i++) {
      float sum = 0;
      for (uint64_t k = 0; k < la->rows; k++) sum += a[i * la->leading + k] * b[j * lb->leading + k];
      y[j * ly->leading + i] = *alpha * sum + (*beta == 0 ? 0 : *beta * c[j * lc->leading + i]);
    }
  return 0;
}
