// A double of libcuda.so.1 for tests without a GPU: it records each call, checks that handles are alive and a context is current, as the
// driver does, and returns the codes that it is told to. Memory of the "device" is memory of the host. Signatures: cuda.h of CUDA 12.4.
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uintptr_t handle;
enum { OK = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NO_DEVICE = 100, INVALID_CONTEXT = 201, INVALID_PTX = 218, INVALID_HANDLE = 400, NOT_FOUND = 500,
       NOT_READY = 600, CAPTURE_UNSUPPORTED = 900, CAPTURE_INVALIDATED = 901 };

// ---- control, for the tests ----

static char calls[1 << 16];
static size_t used;
static char failing[64];
static int failing_code;
int double_version = 12040, double_devices = 1, double_major = 9, double_minor = 0, double_pools = 1, double_mode = 0;
int64_t double_free_bytes = 1 << 20;

void double_fail(const char *call, int code) { snprintf(failing, sizeof failing, "%s", call); failing_code = code; }
const char *double_calls(void) { return calls; }
void double_forget(void) { used = 0; calls[0] = 0; }

static int record(const char *call, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  if (used > sizeof calls - 2048) used = 0; // Only measurements make so many.
  used += snprintf(calls + used, sizeof calls - used, "%s", call);
  if (*format) {
    calls[used++] = ' ';
    used += vsnprintf(calls + used, sizeof calls - used, format, arguments);
  }
  calls[used++] = '\n';
  calls[used] = 0;
  va_end(arguments);
  return strcmp(failing, call) == 0 ? failing_code : OK;
}

#define CALL(...) do { int code_ = record(__func__, __VA_ARGS__); if (code_ != OK) return code_; } while (0)

// ---- handles: 'c'ontext, 's'tream, 'e'vent, 'm'odule, 'f'unction, 'g'raph, e'x'ecutable graph, 'p'ool; numbered from 0x1000 ----

enum { FIRST = 0x1000, MOST = 256 };
static char kinds[MOST];
static int nodes[MOST], capturing[MOST], invalid[MOST];
static int next;
static _Thread_local handle current[16];
static _Thread_local int depth;

static handle make(char kind) { kinds[next] = kind; return FIRST + next++; }
static int is(handle h, char kind) { return h >= FIRST && h < (handle)(FIRST + next) && kinds[h - FIRST] == kind; }
static int context(void) { return depth > 0 && is(current[depth - 1], 'c'); }
static int end(handle h, char kind) {
  if (!is(h, kind)) return INVALID_HANDLE;
  kinds[h - FIRST] = 0;
  return OK;
}

#define CONTEXT() do { if (!context()) return INVALID_CONTEXT; } while (0)
#define ALIVE(h, kind) do { if (!is(h, kind)) return INVALID_HANDLE; } while (0)

// Work for a stream: recorded into its graph while it captures.
#define WORK(stream) do { CONTEXT(); ALIVE(stream, 's'); if (capturing[(stream) - FIRST]) { nodes[(stream) - FIRST]++; return OK; } } while (0)

// ---- the driver ----

int cuInit(unsigned flags) { CALL("%u", flags); return double_devices > 0 ? OK : NO_DEVICE; }
int cuDriverGetVersion(int *version) { CALL(""); *version = double_version; return OK; }

int cuGetErrorName(int code, const char **name) {
  *name = code == OUT_OF_MEMORY ? "CUDA_ERROR_OUT_OF_MEMORY" : code == NO_DEVICE ? "CUDA_ERROR_NO_DEVICE" : code == INVALID_PTX ? "CUDA_ERROR_INVALID_PTX"
        : code == 999 ? "CUDA_ERROR_UNKNOWN" : code < 12345 ? "CUDA_ERROR_OTHER" : NULL;
  return *name ? OK : INVALID_VALUE;
}

int cuGetErrorString(int code, const char **text) {
  *text = code == OUT_OF_MEMORY ? "out of memory" : code == NO_DEVICE ? "no CUDA-capable device is detected" : code < 12345 ? "other error" : NULL;
  return *text ? OK : INVALID_VALUE;
}

int cuDeviceGetCount(int *count) { CALL(""); *count = double_devices; return OK; }
int cuDeviceGet(int *device, int index) { CALL("%d", index); *device = index; return index < double_devices ? OK : 101; }
int cuDeviceGetName(char *text, int length, int device) { CALL("%d", device); snprintf(text, length, "Double %d", device); return OK; }
int cuDeviceGetPCIBusId(char *text, int length, int device) { CALL("%d", device); snprintf(text, length, "0000:%02X:00.0", device + 1); return OK; }
int cuDeviceGetUuid_v2(unsigned char *uuid, int device) { CALL("%d", device); for (int i = 0; i < 16; i++) uuid[i] = i; return OK; }
int cuDeviceTotalMem_v2(size_t *bytes, int device) { CALL("%d", device); *bytes = (size_t)139 << 30; return OK; }

int cuDeviceGetAttribute(int *value, int attribute, int device) {
  CALL("%d %d", attribute, device);
  switch (attribute) {
    case 16: *value = 132; return OK;
    case 20: *value = double_mode; return OK;
    case 37: *value = 6144; return OK;
    case 38: *value = 60 << 20; return OK;
    case 75: *value = double_major; return OK;
    case 76: *value = double_minor; return OK;
    case 97: *value = 227 << 10; return OK;
    case 115: *value = double_pools; return OK;
    default: return INVALID_VALUE;
  }
}

static handle primary;
static int retained;
int cuDevicePrimaryCtxRetain(handle *made, int device) {
  CALL("%d", device);
  if (retained++ == 0) primary = make('c');
  *made = primary;
  return OK;
}

int cuDevicePrimaryCtxRelease_v2(int device) {
  CALL("%d", device);
  if (retained == 0) return INVALID_CONTEXT;
  if (--retained > 0) return OK;
  for (int i = 0; i < next; i++) if (kinds[i] && kinds[i] != 'c' && kinds[i] != 'f') record("LEAKED", "%c", kinds[i]);
  return end(primary, 'c');
}

int cuCtxSetCurrent(handle c) { CALL("%lx", c); if (c) ALIVE(c, 'c'); depth = 1; current[0] = c; return OK; }
int cuCtxPushCurrent_v2(handle c) { CALL("%lx", c); ALIVE(c, 'c'); current[depth++] = c; return OK; }
int cuCtxPopCurrent_v2(handle *c) { CALL(""); CONTEXT(); *c = current[--depth]; return OK; }
int cuCtxSynchronize(void) { CALL(""); CONTEXT(); return OK; }
int cuMemGetInfo_v2(size_t *free, size_t *total) { CALL(""); CONTEXT(); *free = double_free_bytes; *total = (size_t)139 << 30; return OK; }

int cuStreamCreate(handle *made, unsigned flags) { CALL("%u", flags); CONTEXT(); *made = make('s'); return OK; }
int cuStreamDestroy_v2(handle s) { CALL("%lx", s); CONTEXT(); return end(s, 's'); }
int cuStreamSynchronize(handle s) {
  CALL("%lx", s);
  CONTEXT();
  ALIVE(s, 's');
  if (capturing[s - FIRST]) { invalid[s - FIRST] = 1; return CAPTURE_UNSUPPORTED; }
  return OK;
}
int cuStreamQuery(handle s) { CALL("%lx", s); CONTEXT(); ALIVE(s, 's'); return OK; }
int cuStreamWaitEvent(handle s, handle e, unsigned flags) { CALL("%lx %lx %u", s, e, flags); CONTEXT(); ALIVE(s, 's'); ALIVE(e, 'e'); return OK; }
int cuStreamBeginCapture_v2(handle s, int mode) { CALL("%lx %d", s, mode); CONTEXT(); ALIVE(s, 's'); capturing[s - FIRST] = 1; nodes[s - FIRST] = 0; return OK; }
int cuStreamEndCapture(handle s, handle *graph) {
  CALL("%lx", s);
  ALIVE(s, 's');
  capturing[s - FIRST] = 0;
  *graph = 0;
  if (invalid[s - FIRST]) { invalid[s - FIRST] = 0; return CAPTURE_INVALIDATED; }
  *graph = make('g');
  nodes[*graph - FIRST] = nodes[s - FIRST];
  return OK;
}

int cuEventCreate(handle *made, unsigned flags) { CALL("%u", flags); CONTEXT(); *made = make('e'); return OK; }
int cuEventDestroy_v2(handle e) { CALL("%lx", e); CONTEXT(); return end(e, 'e'); }
int cuEventRecord(handle e, handle s) { CALL("%lx %lx", e, s); CONTEXT(); ALIVE(e, 'e'); ALIVE(s, 's'); return OK; }
int cuEventQuery(handle e) { CALL("%lx", e); CONTEXT(); ALIVE(e, 'e'); return OK; }
int cuEventSynchronize(handle e) { CALL("%lx", e); CONTEXT(); ALIVE(e, 'e'); return OK; }
int cuEventElapsedTime(float *milliseconds, handle a, handle b) { CALL("%lx %lx", a, b); CONTEXT(); ALIVE(a, 'e'); ALIVE(b, 'e'); *milliseconds = 1.5f; return OK; }

int cuModuleLoadDataEx(handle *made, const void *image, unsigned count, int *options, void **values) {
  CALL("%zu bytes, %u options", strlen(image), count);
  CONTEXT();
  if (strstr(image, "nonsense")) {
    char *log = NULL;
    size_t room = 0;
    for (unsigned i = 0; i < count; i++) {
      if (options[i] == 5) log = values[i];
      if (options[i] == 6) room = (size_t)values[i];
    }
    if (log) snprintf(log, room, "ptxas application ptx input, line 4; fatal   : Parsing error near 'nonsense': syntax error\n");
    return INVALID_PTX;
  }
  *made = make('m');
  return OK;
}
int cuModuleUnload(handle m) { CALL("%lx", m); CONTEXT(); return end(m, 'm'); }
int cuModuleGetFunction(handle *made, handle m, const char *name) { CALL("%lx %s", m, name); ALIVE(m, 'm'); if (strcmp(name, "absent") == 0) return NOT_FOUND; *made = make('f'); return OK; }
int cuFuncGetAttribute(int *value, int attribute, handle f) { CALL("%d %lx", attribute, f); ALIVE(f, 'f'); *value = attribute == 4 ? 40 : 0; return OK; }
int cuFuncSetAttribute(handle f, int attribute, int value) { CALL("%lx %d %d", f, attribute, value); ALIVE(f, 'f'); return OK; }

int cuLaunchKernel(handle f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared, handle s, void **parameters, void **extra) {
  char hex[512] = "";
  if (parameters || extra[0] != (void *)1 || extra[2] != (void *)2 || extra[4]) return INVALID_VALUE;
  const unsigned char *bytes = extra[1];
  size_t length = *(size_t *)extra[3];
  for (size_t i = 0; i < length && i < 200; i++) sprintf(hex + 2 * i, "%02x", bytes[i]);
  CALL("%lx grid %u %u %u block %u %u %u shared %u stream %lx arguments %s", f, gx, gy, gz, bx, by, bz, shared, s, hex);
  ALIVE(f, 'f');
  WORK(s);
  return OK;
}

int cuGraphGetNodes(handle g, handle *out, size_t *count) { CALL("%lx", g); ALIVE(g, 'g'); if (out) return INVALID_VALUE; *count = nodes[g - FIRST]; return OK; }
int cuGraphInstantiateWithFlags(handle *made, handle g, unsigned long long flags) { CALL("%lx %llu", g, flags); CONTEXT(); ALIVE(g, 'g'); *made = make('x'); return OK; }
int cuGraphLaunch(handle x, handle s) { CALL("%lx %lx", x, s); CONTEXT(); ALIVE(x, 'x'); ALIVE(s, 's'); return OK; }
int cuGraphDestroy(handle g) { CALL("%lx", g); return end(g, 'g'); }
int cuGraphExecDestroy(handle x) { CALL("%lx", x); return end(x, 'x'); }

#ifndef WITHOUT_POOLS
typedef struct { int allocation, handles, location, id; void *security; size_t most; unsigned char reserved[56]; } pool_properties;
_Static_assert(sizeof(pool_properties) == 88, "CUmemPoolProps");
static size_t pool_used, pool_peak;
int cuMemPoolCreate(handle *made, const pool_properties *p) {
  for (size_t i = 0; i < sizeof p->reserved; i++) if (p->reserved[i]) return INVALID_VALUE;
  CALL("type %d handles %d location %d id %d security %p most %zu", p->allocation, p->handles, p->location, p->id, p->security, p->most);
  *made = make('p');
  return OK;
}
int cuMemPoolDestroy(handle p) { CALL("%lx", p); return end(p, 'p'); }
int cuMemPoolSetAttribute(handle p, int attribute, void *value) { CALL("%lx %d %lu", p, attribute, *(uint64_t *)value); ALIVE(p, 'p'); return OK; }
int cuMemPoolGetAttribute(handle p, int attribute, void *value) { CALL("%lx %d", p, attribute); ALIVE(p, 'p'); *(uint64_t *)value = attribute == 7 ? pool_used : attribute == 8 ? pool_peak : 0; return OK; }
int cuMemPoolTrimTo(handle p, size_t keep) { CALL("%lx %zu", p, keep); ALIVE(p, 'p'); return OK; }

int cuMemAllocFromPoolAsync(void **made, size_t length, handle p, handle s) {
  CALL("%zu %lx %lx", length, p, s);
  CONTEXT();
  ALIVE(p, 'p');
  ALIVE(s, 's');
  if ((int64_t)length > double_free_bytes) return OUT_OF_MEMORY;
  size_t *block = malloc(length + 16);
  block[0] = length;
  *made = block + 2;
  pool_used += length;
  if (pool_used > pool_peak) pool_peak = pool_used;
  return OK;
}
#endif

int cuMemFreeAsync(void *address, handle s) {
  CALL("%lx", s);
  CONTEXT();
  ALIVE(s, 's');
#ifndef WITHOUT_POOLS
  pool_used -= ((size_t *)address)[-2];
  free((size_t *)address - 2);
#endif
  return OK;
}

int cuMemHostAlloc(void **made, size_t length, unsigned flags) { CALL("%zu %u", length, flags); CONTEXT(); *made = malloc(length); return OK; }
int cuMemFreeHost(void *address) { CALL(""); CONTEXT(); free(address); return OK; }
int cuMemcpyHtoDAsync_v2(void *to, const void *from, size_t length, handle s) { CALL("%zu %lx", length, s); WORK(s); memcpy(to, from, length); return OK; }
int cuMemcpyDtoHAsync_v2(void *to, const void *from, size_t length, handle s) { CALL("%zu %lx", length, s); WORK(s); memcpy(to, from, length); return OK; }
int cuMemcpyDtoDAsync_v2(void *to, const void *from, size_t length, handle s) { CALL("%zu %lx", length, s); WORK(s); memcpy(to, from, length); return OK; }
int cuMemsetD8Async(void *to, unsigned char value, size_t length, handle s) { CALL("%u %zu %lx", value, length, s); WORK(s); memset(to, value, length); return OK; }
