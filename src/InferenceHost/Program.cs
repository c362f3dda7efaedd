using Inference.InferenceHost;

return await InferenceServer.RunAsync(args);
