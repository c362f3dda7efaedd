// Runs test assemblies where no SDK is: TestRunner ASSEMBLY.dll [...]. Prints what failed and was skipped, then "N passed, N failed, N skipped".
// Exit code 0, 1 where a test failed or none ran, 2 where an assembly is not there.
using Xunit.Runners;

int passed = 0, failed = 0, skipped = 0;
Lock printing = new();
foreach (string file in args)
{
    string path = Path.Combine(AppContext.BaseDirectory, file);
    if (!File.Exists(path))
    {
        Console.Error.WriteLine($"{path} is not there");
        return 2;
    }

    using ManualResetEventSlim done = new();
    using AssemblyRunner runner = AssemblyRunner.WithoutAppDomain(path);
    runner.OnTestPassed = _ => Interlocked.Increment(ref passed);
    runner.OnTestFailed = test => Tell(ref failed, $"FAILED  {test.TestDisplayName}{Environment.NewLine}{test.ExceptionType}: {test.ExceptionMessage}{Environment.NewLine}{test.ExceptionStackTrace}");
    runner.OnTestSkipped = test => Tell(ref skipped, $"skipped {test.TestDisplayName}: {test.SkipReason}");
    runner.OnErrorMessage = error => Tell(ref failed, $"FAILED  {error.ExceptionType}: {error.ExceptionMessage}");
    runner.OnExecutionComplete = _ => done.Set();
    runner.Start();
    done.Wait();
    SpinWait.SpinUntil(() => runner.Status == AssemblyRunnerStatus.Idle);
}

Console.WriteLine($"{passed} passed, {failed} failed, {skipped} skipped");
return failed == 0 && passed > 0 ? 0 : 1;

void Tell(ref int count, string text)
{
    lock (printing)
    {
        count++;
        Console.WriteLine(text);
    }
}
