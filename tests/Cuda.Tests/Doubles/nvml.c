// A double of libnvidia-ml.so.1. Signatures: nvml.h of CUDA 12.4.
#include <stdio.h>
#include <string.h>

int double_mig = 0, double_init = 0, double_open = 0;

int nvmlInit_v2(void) { if (double_init == 0) double_open++; return double_init; }
int nvmlShutdown(void) { double_open--; return 0; }
const char *nvmlErrorString(int code) { return code == 9 ? "Driver Not Loaded" : "Other"; }
int nvmlSystemGetDriverVersion(char *text, unsigned length) { snprintf(text, length, "580.159.03"); return 0; }
int nvmlDeviceGetCount_v2(unsigned *count) { *count = 1; return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) { *device = (void *)(0x10ul + index); return 0; }
int nvmlDeviceGetName(void *device, char *text, unsigned length) { snprintf(text, length, "Double %p", device); return 0; }
int nvmlDeviceGetUUID(void *device, char *text, unsigned length) { snprintf(text, length, "GPU-%p", device); return 0; }
int nvmlDeviceGetMemoryInfo(void *device, unsigned long long *memory) { memory[0] = 139ull << 30; memory[1] = 138ull << 30; memory[2] = 1ull << 30; return 0; }
int nvmlDeviceGetPciInfo_v3(void *device, unsigned char *info) { memset(info, 'x', 36); memset(info + 36, 0, 32); strcpy((char *)info + 36, "00000000:1B:00.0"); return 0; }
int nvmlDeviceGetMigMode(void *device, unsigned *now, unsigned *later) { *now = *later = double_mig == 1; return double_mig < 0 ? 3 : 0; }
