using System.Runtime.InteropServices;
using Inference.Tensors.Cuda.Driver;

namespace Inference.Tensors.Cuda.CublasLt;

/// <summary>The entry points of cuBLASLt that are used, as cublasLt.h of CUDA 12.4 declares them; version 13 has the same.</summary>
internal sealed unsafe class CublasLtApi
{
    public readonly delegate* unmanaged<nuint> GetVersion;
    public readonly delegate* unmanaged<nint*, int> Create;
    public readonly delegate* unmanaged<nint, int> Destroy, DescriptorDestroy, LayoutDestroy, PreferenceDestroy;
    public readonly delegate* unmanaged<nint*, int, int, int> DescriptorCreate;
    public readonly delegate* unmanaged<nint, int, void*, nuint, int> DescriptorSet, PreferenceSet;
    public readonly delegate* unmanaged<nint*, int, ulong, ulong, long, int> LayoutCreate;
    public readonly delegate* unmanaged<nint*, int> PreferenceCreate;
    public readonly delegate* unmanaged<nint, nint, nint, nint, nint, nint, nint, int, HeuristicResult*, int*, int> GetHeuristic;
    public readonly delegate* unmanaged<nint, nint, void*, nint, nint, nint, nint, void*, nint, nint, nint, nint, ulong*, nint, nuint, nint, int> Multiply;

    private readonly delegate* unmanaged<int, byte*> _statusName;

    /// <summary>Finds and binds the library.</summary>
    /// <exception cref="DeviceUnavailableException">There is none: says where it was looked for.</exception>
    public CublasLtApi(string? path = null, LibraryPlaces? places = null)
    {
        places ??= LibraryPlaces.System;
        LoadedLibrary library;
        try
        {
            library = LoadedLibrary.Load("cuBLASLt (libcublasLt.so.13 or .12)", places.ForCublasLt(path));
        }
        catch (DeviceUnavailableException exception) when (path is null)
        {
            string searched = string.Join(", ", places.CublasLtDirectories());
            throw new DeviceUnavailableException($"{exception.Message}, and in {(searched.Length == 0 ? "no other directory: no toolkit and no Python packages are there" : searched)}", exception);
        }

        Library = library.Path;
        EntryPoints entry = new(library);
        GetVersion = (delegate* unmanaged<nuint>)entry["cublasLtGetVersion"];
        _statusName = (delegate* unmanaged<int, byte*>)entry["cublasLtGetStatusName"];
        Create = (delegate* unmanaged<nint*, int>)entry["cublasLtCreate"];
        Destroy = (delegate* unmanaged<nint, int>)entry["cublasLtDestroy"];
        DescriptorCreate = (delegate* unmanaged<nint*, int, int, int>)entry["cublasLtMatmulDescCreate"];
        DescriptorDestroy = (delegate* unmanaged<nint, int>)entry["cublasLtMatmulDescDestroy"];
        DescriptorSet = (delegate* unmanaged<nint, int, void*, nuint, int>)entry["cublasLtMatmulDescSetAttribute"];
        LayoutCreate = (delegate* unmanaged<nint*, int, ulong, ulong, long, int>)entry["cublasLtMatrixLayoutCreate"];
        LayoutDestroy = (delegate* unmanaged<nint, int>)entry["cublasLtMatrixLayoutDestroy"];
        PreferenceCreate = (delegate* unmanaged<nint*, int>)entry["cublasLtMatmulPreferenceCreate"];
        PreferenceDestroy = (delegate* unmanaged<nint, int>)entry["cublasLtMatmulPreferenceDestroy"];
        PreferenceSet = (delegate* unmanaged<nint, int, void*, nuint, int>)entry["cublasLtMatmulPreferenceSetAttribute"];
        GetHeuristic = (delegate* unmanaged<nint, nint, nint, nint, nint, nint, nint, int, HeuristicResult*, int*, int>)entry["cublasLtMatmulAlgoGetHeuristic"];
        Multiply = (delegate* unmanaged<nint, nint, void*, nint, nint, nint, nint, void*, nint, nint, nint, nint, ulong*, nint, nuint, nint, int>)entry["cublasLtMatmul"];
        entry.ThrowIfMissing("cuBLASLt 12 or 13");
    }

    /// <summary>Name or path that the library was loaded by.</summary>
    public string Library { get; }

    /// <summary>Such as 12.4.5.</summary>
    public Version Version
    {
        get
        {
            int number = (int)GetVersion();
            return new Version(number / 10000, number / 100 % 100, number % 100);
        }
    }

    /// <summary>Throws unless a call succeeded.</summary>
    public void Check(string call, int code, string? detail = null)
    {
        if (code != 0)
        {
            throw new CublasLtException(call, code, Marshal.PtrToStringUTF8((nint)_statusName(code)) ?? "unknown", detail);
        }
    }
}
