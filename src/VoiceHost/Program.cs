using Inference.VoiceHost;

return await VoiceHostServer.RunAsync(args);
