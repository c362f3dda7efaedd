using Inference.Text.ChatTemplates.Values;

namespace Inference.Text.ChatTemplates.Syntax;

/// <summary>
/// Splits a template into text and tags, and tags into tokens, with Jinja's whitespace control under trim_blocks and
/// lstrip_blocks: the newline after a block goes, and so does white space between the start of a line and a block;
/// "-" strips all white space on its side, "+" strips nothing. A single newline at the end of the source is dropped.
/// </summary>
internal sealed class Lexer
{
    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private int _position;
    private int _line = 1;
    private bool _isLineStart = true;

    public Lexer(string source)
    {
        source = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        _source = source.EndsWith('\n') ? source[..^1] : source;
    }

    public IReadOnlyList<Token> Tokenize()
    {
        while (_position < _source.Length)
        {
            int open = NextOpening(_position);
            if (open < 0)
            {
                Emit(TokenKind.Data, _source[_position..]);
                Advance(_source.Length);
                break;
            }

            char kind = _source[open + 1];
            char sign = open + 2 < _source.Length && _source[open + 2] is '-' or '+' ? _source[open + 2] : ' ';
            EmitText(_source[_position..open], sign, isVariable: kind == '{');
            Advance(open + (sign == ' ' ? 2 : 3));
            switch (kind)
            {
                case '#':
                    SkipComment();
                    break;
                case '%' when TrySkipRawBegin():
                    ReadRaw();
                    break;
                case '%':
                    ReadTag(TokenKind.BlockBegin, TokenKind.BlockEnd, '%');
                    break;
                default:
                    ReadTag(TokenKind.VariableBegin, TokenKind.VariableEnd, '}');
                    break;
            }
        }

        Emit(TokenKind.End, "");
        return _tokens;
    }

    private int NextOpening(int from)
    {
        for (int i = _source.IndexOf('{', from); i >= 0 && i + 1 < _source.Length; i = _source.IndexOf('{', i + 1))
        {
            if (_source[i + 1] is '{' or '%' or '#')
            {
                return i;
            }
        }

        return -1;
    }

    private void EmitText(string text, char sign, bool isVariable)
    {
        if (sign == '-')
        {
            text = PythonWhitespace.TrimEnd(text);
        }
        else if (sign != '+' && !isVariable)
        {
            int lineStart = text.LastIndexOf('\n') + 1;
            if ((lineStart > 0 || _isLineStart) && PythonWhitespace.IsBlank(text.AsSpan(lineStart)))
            {
                text = text[..lineStart];
            }
        }

        if (text.Length > 0)
        {
            Emit(TokenKind.Data, text);
        }
    }

    private void SkipComment()
    {
        int end = _source.IndexOf("#}", _position, StringComparison.Ordinal);
        if (end < 0)
        {
            throw Error("the comment has no end");
        }

        char sign = end > _position ? _source[end - 1] : ' ';
        EndBlock(end + 2, sign);
    }

    private bool TrySkipRawBegin()
    {
        int i = SkipSpace(_position);
        if (!Matches(i, "raw"))
        {
            return false;
        }

        i = SkipSpace(i + 3);
        if (Matches(i, "-%}"))
        {
            Advance(SkipSpace(i + 3));
            return true;
        }

        if (Matches(i, "%}"))
        {
            Advance(i + 2);
            return true;
        }

        return false;
    }

    private void ReadRaw()
    {
        for (int open = Find("{%", _position); open >= 0; open = Find("{%", open + 2))
        {
            char sign = open + 2 < _source.Length && _source[open + 2] is '-' or '+' ? _source[open + 2] : ' ';
            int i = SkipSpace(open + (sign == ' ' ? 2 : 3));
            if (!Matches(i, "endraw"))
            {
                continue;
            }

            i = SkipSpace(i + 6);
            char endSign = i < _source.Length && _source[i] is '-' or '+' ? _source[i] : ' ';
            i += endSign == ' ' ? 0 : 1;
            if (Matches(i, "%}"))
            {
                EmitText(_source[_position..open], sign, isVariable: false);
                EndBlock(i + 2, endSign);
                return;
            }
        }

        throw Error("the raw block has no end");
    }

    private void ReadTag(TokenKind begin, TokenKind end, char closing)
    {
        Emit(begin, "");
        Stack<char> open = new();
        while (true)
        {
            Advance(SkipSpace(_position));
            if (_position >= _source.Length)
            {
                return;
            }

            if (open.Count == 0 && TryEndTag(end, closing))
            {
                return;
            }

            ReadToken(open);
        }
    }

    private bool TryEndTag(TokenKind end, char closing)
    {
        char sign = _source[_position] is '-' || (_source[_position] is '+' && closing == '%') ? _source[_position] : ' ';
        int i = _position + (sign == ' ' ? 0 : 1);
        if (i + 1 >= _source.Length || _source[i] != closing || _source[i + 1] != '}')
        {
            return false;
        }

        Emit(end, "");
        if (closing == '%')
        {
            EndBlock(i + 2, sign);
        }
        else
        {
            Advance(sign == '-' ? SkipSpace(i + 2) : i + 2);
        }

        return true;
    }

    /// <summary>Moves past the end of a block or comment and what its sign or trim_blocks strips.</summary>
    private void EndBlock(int position, char sign) => Advance(sign switch
    {
        '-' => SkipSpace(position),
        '+' => position,
        _ => position < _source.Length && _source[position] == '\n' ? position + 1 : position,
    });

    private void ReadToken(Stack<char> open)
    {
        char c = _source[_position];
        if (c is '\'' or '"')
        {
            ReadString(c);
        }
        else if (char.IsAsciiDigit(c))
        {
            (int length, bool isFloat) = NumberLiteral.Scan(_source, _position);
            Emit(isFloat ? TokenKind.Float : TokenKind.Integer, _source.Substring(_position, length));
            Advance(_position + length);
        }
        else if (c == '_' || char.IsLetter(c))
        {
            int end = _position + 1;
            while (end < _source.Length && (_source[end] == '_' || char.IsLetterOrDigit(_source[end])))
            {
                end++;
            }

            Emit(TokenKind.Name, _source[_position..end]);
            Advance(end);
        }
        else
        {
            ReadOperator(open);
        }
    }

    private void ReadString(char quote)
    {
        int end = _position + 1;
        while (end < _source.Length && _source[end] != quote)
        {
            end += _source[end] == '\\' ? 2 : 1;
        }

        if (end >= _source.Length)
        {
            throw Error("the string has no end");
        }

        string? text = StringLiteral.Decode(_source.AsSpan(_position + 1, end - _position - 1));
        Emit(TokenKind.String, text ?? throw Error("the string has an invalid escape sequence"));
        Advance(end + 1);
    }

    private void ReadOperator(Stack<char> open)
    {
        char c = _source[_position];
        char next = _position + 1 < _source.Length ? _source[_position + 1] : '\0';
        int length = (c, next) is ('/', '/') or ('*', '*') or ('=', '=') or ('!', '=') or ('>', '=') or ('<', '=') ? 2 : 1;
        if (length == 1 && !"+-*/%~[](){}<>=.:|,;".Contains(c))
        {
            throw Error($"unexpected character '{c}'");
        }

        if (c is '(' or '[' or '{')
        {
            open.Push(c == '(' ? ')' : c == '[' ? ']' : '}');
        }
        else if (c is ')' or ']' or '}' && (!open.TryPop(out char expected) || expected != c))
        {
            throw Error($"unexpected '{c}'");
        }

        Emit(TokenKind.Operator, _source.Substring(_position, length));
        Advance(_position + length);
    }

    private int Find(string text, int from) => from >= _source.Length ? -1 : _source.IndexOf(text, from, StringComparison.Ordinal);

    private bool Matches(int position, string text) =>
        string.CompareOrdinal(_source, position, text, 0, text.Length) == 0;

    private int SkipSpace(int position)
    {
        while (position < _source.Length && PythonWhitespace.IsSpace(_source[position]))
        {
            position++;
        }

        return position;
    }

    private void Advance(int position)
    {
        _line += _source.AsSpan(_position, position - _position).Count('\n');
        _isLineStart = position > 0 && _source[position - 1] == '\n';
        _position = position;
    }

    private void Emit(TokenKind kind, string value) => _tokens.Add(new Token(kind, value, _line));

    private ChatTemplateException Error(string reason) => new(reason, _line);
}
