using System.Runtime.CompilerServices;

namespace Inference.Text.ChatTemplates.Syntax;

/// <summary>A cursor over the tokens, which also bounds how deep the parser nests.</summary>
internal sealed class TokenStream(IReadOnlyList<Token> tokens)
{
    private const int MaxNesting = 200;
    private int _position;
    private int _nesting;

    public Token Current => tokens[_position];

    public Token Following => tokens[Math.Min(_position + 1, tokens.Count - 1)];

    public Token Next()
    {
        Token token = Current;
        if (_position < tokens.Count - 1)
        {
            _position++;
        }

        return token;
    }

    public bool SkipName(string name) => Skip(Current.IsName(name));

    public bool SkipOperator(string symbol) => Skip(Current.IsOperator(symbol));

    public Token ExpectName() => Expect(Current.Kind == TokenKind.Name, "a name");

    public void ExpectName(string name) => Expect(Current.IsName(name), $"'{name}'");

    public void ExpectOperator(string symbol) => Expect(Current.IsOperator(symbol), $"'{symbol}'");

    public void Expect(TokenKind kind) => Expect(Current.Kind == kind, new Token(kind, "", 0).Describe());

    public void Enter()
    {
        if (++_nesting > MaxNesting || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new ChatTemplateException($"tags and brackets are nested deeper than {MaxNesting}", Current.Line);
        }
    }

    public void Leave() => _nesting--;

    public ChatTemplateException Error(string reason) => new(reason, Current.Line);

    private bool Skip(bool condition)
    {
        if (condition)
        {
            Next();
        }

        return condition;
    }

    private Token Expect(bool condition, string expected) =>
        condition ? Next() : throw Error($"expected {expected}, found {Current.Describe()}");
}
